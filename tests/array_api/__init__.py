"""The Array API standard, function by function: what theon has of it, and that it does as told."""
