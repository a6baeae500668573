"""Losses as pure functions of log probabilities; each returns a scalar, the mean of its rows."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import logsigmoid


def imitation_loss(log_probabilities: Tensor, targets: Tensor) -> Tensor:
    """Return the mean negative log probability of the right actions.

    Args:
        log_probabilities: float, (B, A): of every action; padding very negative.
        targets: bool, (B, A): the right actions, at least one a row. With several, their
            probabilities add up: which of them the policy takes is its own affair.

    Source: cross entropy on demonstrated actions (Feng & Feng, 2024, choice-IL). Deviation: sets
    of right actions.
    """
    right = log_probabilities.masked_fill(~targets, -torch.inf)
    return -right.logsumexp(dim=1).mean()


def accuracy(scores: Tensor, targets: Tensor) -> Tensor:
    """Return in which share of rows the highest score is a right action's.

    Args:
        scores: float, (B, A): padding very negative.
        targets: bool, (B, A): the right actions.
    """
    return targets.gather(1, scores.argmax(dim=1, keepdim=True)).float().mean()


def choice_loss(scores: Tensor, known: Tensor, targets: Tensor) -> Tensor:
    """Return :func:`imitation_loss` among what is known, where there is something to choose and
    something right; the other rows count as 0 in the mean.

    Args:
        scores: float, (B, A): logits.
        known: bool, (B, A): what can be chosen.
        targets: bool, (B, A): the right ones.
    """
    targets = targets & known
    decided = targets.any(dim=1) & (known.sum(dim=1) > 1)
    if not decided.any():
        return scores.new_zeros(())
    among = scores[decided].masked_fill(~known[decided], -torch.inf).log_softmax(dim=1)
    return imitation_loss(among, targets[decided]) * decided.float().mean()


def dpo_loss(
    chosen: Tensor,
    rejected: Tensor,
    reference_chosen: Tensor,
    reference_rejected: Tensor,
    *,
    beta: float,
    label_smoothing: float = 0.0,
) -> Tensor:
    """Return the loss of direct preference optimisation.

    −(1 − ε) log σ(β h) − ε log σ(−β h), where h is how much more the policy prefers the chosen
    action to the rejected one than the reference does, in log probability.

    Args:
        chosen, rejected: float, (B,): log probabilities under the policy.
        reference_chosen, reference_rejected: float, (B,): under the frozen reference.
        beta: β, above 0: the larger, the closer the policy stays to the reference.
        label_smoothing: ε, 0 to 0.5: the share of preferences taken to be the wrong way round.

    Source: Rafailov et al., "Direct Preference Optimization", 2023 (arXiv 2305.18290), equation 7;
    label smoothing: Mitchell, "A note on DPO with noisy preferences", 2023.
    """
    margin = beta * preference_margin(chosen, rejected, reference_chosen, reference_rejected)
    losses = -(1 - label_smoothing) * logsigmoid(margin) - label_smoothing * logsigmoid(-margin)
    return losses.mean()


def preference_margin(
    chosen: Tensor, rejected: Tensor, reference_chosen: Tensor, reference_rejected: Tensor
) -> Tensor:
    """Return, (B,), how much more the policy prefers the chosen action than the reference
    does: the implicit reward margin of DPO divided by β."""
    return (chosen - reference_chosen) - (rejected - reference_rejected)


def ipo_loss(
    chosen: Tensor,
    rejected: Tensor,
    reference_chosen: Tensor,
    reference_rejected: Tensor,
    *,
    tau: float,
) -> Tensor:
    """Return the loss of identity preference optimisation.

    (h − 1 / (2 τ))², where h is DPO's margin: it is pulled to a finite value, so that a preference
    that never varies does not drive the policy away from the reference without end.

    Args:
        tau: τ, above 0: the larger, the closer the policy stays to the reference; for the others
            see :func:`dpo_loss`.

    Source: Azar et al., "A general theoretical paradigm to understand learning from human
    preferences", 2023 (arXiv 2310.12036), equation 17.
    """
    margin = preference_margin(chosen, rejected, reference_chosen, reference_rejected)
    return ((margin - 1.0 / (2.0 * tau)) ** 2).mean()


def bradley_terry_loss(chosen: Tensor, rejected: Tensor) -> Tensor:
    """Return the mean negative log probability of comparisons under the Bradley-Terry model,
    −log σ(r_chosen − r_rejected).

    Args:
        chosen, rejected: float, (B,): the reward model's scores of both sides.

    Source: Ouyang et al., "Training language models to follow instructions with human feedback",
    2022 (arXiv 2203.02155), equation 1, for pairs; Bradley & Terry, 1952.
    """
    return -logsigmoid(chosen - rejected).mean()


def policy_gradient_loss(taken: Tensor, advantages: Tensor) -> Tensor:
    """Return the loss whose gradient is the negative policy gradient, −mean(A log π(a)).

    Args:
        taken: float, (B,): log probabilities of the actions taken.
        advantages: float, (B,): constants; no gradient flows into them.

    Source: Williams, "Simple statistical gradient-following algorithms for connectionist
    reinforcement learning", 1992; with a baseline, as WebShop trains (Yao et al., 2022).
    """
    return -(advantages.detach() * taken).mean()


def clipped_policy_loss(
    taken: Tensor, before: Tensor, advantages: Tensor, *, clip: float
) -> Tensor:
    """Return the loss of PPO's clipped objective.

    −mean(min(ρ A, clip(ρ, 1 − ε, 1 + ε) A)) with ρ = π(a) / π_before(a).

    Args:
        taken: float, (B,): log probabilities of the actions taken.
        before: float, (B,): the same under the policy that took them.
        advantages: float, (B,): constants.
        clip: ε, above 0.

    Source: Schulman et al., "Proximal policy optimization algorithms", 2017 (arXiv 1707.06347),
    equation 7.
    """
    ratio = (taken - before.detach()).exp()
    kept = ratio.clamp(1.0 - clip, 1.0 + clip)
    advantages = advantages.detach()
    return -torch.minimum(ratio * advantages, kept * advantages).mean()


def clip_fraction(taken: Tensor, before: Tensor, *, clip: float) -> float:
    """Return the share of actions whose probability ratio left 1 ± clip."""
    return float((((taken - before).exp() - 1.0).abs() > clip).float().mean())


def value_loss(values: Tensor, returns: Tensor) -> Tensor:
    """Return half the mean squared error of predicted returns, both float, (B,)."""
    return 0.5 * ((values - returns.detach()) ** 2).mean()


def entropy(log_probabilities: Tensor) -> Tensor:
    """Return the mean entropy in nats of distributions over padded actions.

    Args:
        log_probabilities: float, (B, A); padding very negative, so that its probability is 0.
    """
    return -(log_probabilities.exp() * log_probabilities).sum(dim=1).mean()


def kl_divergence(log_probabilities: Tensor, reference: Tensor) -> Tensor:
    """Return the mean Kullback-Leibler divergence in nats of a policy from a reference, exactly:
    Σ_a π(a) (log π(a) − log π_reference(a)).

    Args:
        log_probabilities, reference: float, (B, A); padding very negative in both.
    """
    return (log_probabilities.exp() * (log_probabilities - reference)).sum(dim=1).mean()
