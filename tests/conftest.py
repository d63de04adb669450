"""What holds for every test."""

import signal

from hypothesis import settings

# A shell starts its background jobs with SIGINT ignored, and programs inherit that.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# `nohup` starts its program with SIGHUP ignored; tests hang up a stack and need it back.
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Hypothesis fails an example that takes longer than 200 ms; on a busy machine any of them may.
settings.register_profile("refrain", deadline=None)
settings.load_profile("refrain")
