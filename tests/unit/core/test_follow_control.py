"""Requests to a run that another process advances."""

from sprite_lab.core.follow_control import FollowControl


def test_wishes_are_taken_once_and_in_their_order():
    control = FollowControl()
    control.pause()
    control.resume()
    control.step_once()
    control.set_rate(0.5)
    control.stop()
    wishes = [("pause", 1.0), ("resume", 1.0), ("resume", 1.0), ("rate", 0.5), ("stop", 1.0)]
    assert control.take_wanted() == wishes
    assert control.take_wanted() == []
    assert not control.stop_requested, "that is the training's to say"


def test_following_continues_while_the_training_is_paused():
    control = FollowControl()
    control.show_paused(True)
    control.show_paused(True)
    assert control.paused
    assert control.may_proceed()
    control.show_paused(False)
    assert not control.paused


def test_whoever_cancels_leaves_and_is_told_at_once():
    control, told = FollowControl(), []
    control.leave()  # nobody listens
    control.on_leave = lambda: told.append(control.left)
    control.cancel()
    assert told == [True]
    assert control.cancel_requested
    assert control.take_wanted() == []
