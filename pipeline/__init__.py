"""Pipeline floor: sample blocks become events, and events reach the world."""
