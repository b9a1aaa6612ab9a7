"""cards: what is handed to a person: a code as a picture, a card to print."""
