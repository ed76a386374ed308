"""`make bench`: what the portal promises about speed, measured beside the plainest thing that does the same work."""
