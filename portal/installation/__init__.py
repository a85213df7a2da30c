"""What is known of the installation itself: whether its processes live, and whether it was put back."""
