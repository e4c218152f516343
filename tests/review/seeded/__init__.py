"""List changes with the verdict that each should get: written down before the review was asked."""
