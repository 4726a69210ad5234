"""What all tests share."""

from hypothesis import settings

# The same examples on every machine and in every run; a slow machine fails nothing.
settings.register_profile("hiprep", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("hiprep")
