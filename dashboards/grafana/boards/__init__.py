"""The boards, one to a file: ``board()`` makes it."""
