"""Audio files: decoding in a confined process, resampling, writing WAV."""
