"""What is printed: data set as PDF pages in a process of little memory, with fonts of our own, and no sign left out unseen."""
