"""thermal: radiometry, registration to the colour image, skin temperature with its uncertainty."""
