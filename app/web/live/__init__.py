"""What people in a live room see and may do."""
