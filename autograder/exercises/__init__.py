"""The probes, one module a lesson: how we look at an answer, never what we expect of it. Here, the lessons in order."""

TITLES = {
    "00_orientation": "How this course talks to you",
    "01_loop_by_hand": "The training loop in NumPy",
    "02_losses": 'What "wrong" means, in numbers',
    "03_backprop": "Backpropagation: who is to blame",
    "04_optimizers": "Better ways downhill",
    "05_pytorch_loop": "The standard loop",
    "06_validation_and_metrics": "Is it any good?",
    "07_scale_and_bug_hunt": "When it breaks: scale, and a bug hunt",
    "08_backdoor_lab": "Backdoor lab: break it",
    "09_poisoned_gradients": "Poisoned gradients: defend it",
    "10_capstone": "Complete training from scratch, under attack",
}
"""The lessons' folders and titles. A folder's name without its number is its module's name."""
