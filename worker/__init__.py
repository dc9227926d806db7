"""The process that analyses videos: the only place with torch and cv2."""
