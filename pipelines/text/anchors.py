"""Anchor phrases: what each signal sounds like, in English; the embedding carries them into other languages.

Those of the tone were chosen among five sets on 250 training texts a language, the others written
once; none was tuned on test data. A text's score is how much nearer it is to the first three than
to the other three.
"""

from __future__ import annotations

from tenure.pipelines.text.signals import SIGNALS

ANCHORS: dict[str, tuple[tuple[str, str, str], tuple[str, str, str]]] = {
    "tone": (
        (
            "I am very unhappy with it",
            "What a terrible experience",
            "I hate this, it is the worst",
        ),
        (
            "I am very happy with it",
            "What a wonderful experience",
            "I love this, it is the best",
        ),
    ),
    "leave": (
        (
            "I want to cancel my contract",
            "I am switching to another provider",
            "Please close my account",
        ),
        (
            "I have a question about my order",
            "I would like to extend my contract",
            "Thank you, I am staying with you",
        ),
    ),
    "effort": (
        (
            "I have already written several times and nobody answers",
            "I have been waiting for hours to reach someone",
            "I was passed from one person to another and had to explain everything again",
        ),
        (
            "That was quick and easy",
            "My question was answered at once",
            "Everything was solved with one call",
        ),
    ),
    "complaint": (
        (
            "I want to make a complaint",
            "It is broken and I want my money back",
            "You charged me for something I did not order",
        ),
        (
            "Could you tell me your opening hours?",
            "Thank you for your help",
            "I would like to place an order",
        ),
    ),
}

NAMES = tuple(name for name in SIGNALS if name in ANCHORS)
