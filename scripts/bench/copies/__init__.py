"""How well copies are found: songs composed by dice, kinds of copies, and the table of both."""
