"""What a plan would come to, judged before anything is done."""
