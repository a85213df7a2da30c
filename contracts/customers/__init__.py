"""What is seen of a customer as a whole: by staff, who keep notes, and of its contracts by itself."""
