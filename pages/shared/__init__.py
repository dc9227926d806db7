"""What all pages share: the store, the words, the frame for errors, the look."""
