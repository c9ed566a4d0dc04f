"""Studies: experiments too long for a page's build, declared as data and recorded trial by trial.

    python -m studies list
    python -m studies run length --jobs 2
    python -m studies status length
    python -m studies verify length --sample 3
    python -m studies report length

A study declares its trials and the rule that turns their results into verdicts before the first of
them runs. Every finished trial is saved at once; a run that was interrupted goes on where it was.
"""
