"""What things cost, as ratios; deselected by default."""
