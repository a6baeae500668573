"""The training methods, one module each.

What their functions share: ``shop``, ``out`` (the run folder), ``config``, and ``progress``, called
with (stage, done, in all); the other parameters are what a method learns from. They return the
summary, as in the folder's result.json. A run that was killed goes on from its last checkpoint, and
ends at the same weights unless a time limit decides its end; a finished one is returned as it is.
InputError says that there is nothing to learn from or that the folder holds another run;
AgentError, that the folder of the agent to begin with holds none, or that its language model has
other weights; TrajectoryError, that a trajectory cannot serve.
"""
