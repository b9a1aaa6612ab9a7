"""Pages for people: templates, style, words in two languages; plain files, nothing from elsewhere."""
