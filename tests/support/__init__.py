"""What several tests need: real servers started for the time of a run."""
