"""The process that analyzes videos: the only place with torch and cv2."""
