"""What is allowed: pure functions and tables, no I/O. Above `config`, below everything else."""
