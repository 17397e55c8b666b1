"""Workers on threads, processes and machines."""
