"""What measured sets mean to a lifter. Pure: numbers in, numbers and words out."""
