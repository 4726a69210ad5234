"""What a session was, as one page that a lifter understands: from rows of history to words, tables
and pictures.
"""
