"""The data that studies read: files that a reader brings, images, music and plays."""
