"""The oracle: takes orders, has tracks made, checks what they owe, signs and settles it."""
