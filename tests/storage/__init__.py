"""Tests of the files on disk and of the inspection of images."""
