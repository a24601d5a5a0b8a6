"""What jobs cost, by list prices."""
