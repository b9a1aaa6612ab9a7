"""A feed: everybody gets the newest, nobody holds it up, and it can be ended."""

from __future__ import annotations

import asyncio
import threading

from limen.web.live.feed import Feed


def test_a_follower_gets_what_was_told_last_and_then_every_change() -> None:
    """What was told between two looks is skipped but for the newest."""

    async def follow() -> list[int | None]:
        feed, seen = Feed(0), list[int | None]()
        async for value in feed.follow():
            seen.append(value)
            if value == 0:
                for _ in range(3):
                    feed.change(lambda before: before + 1)
            else:
                feed.end()
        return seen

    assert asyncio.run(follow()) == [0, 3]


def test_another_thread_may_tell_and_several_may_follow() -> None:
    """Both followers hear of it; after the end there is nothing to hear."""

    async def follow() -> list[list[int | None]]:
        feed = Feed(0)

        async def one() -> list[int | None]:
            seen = list[int | None]()
            async for value in feed.follow():
                seen.append(value)
                if value == 1:
                    break
            return seen

        both = [asyncio.ensure_future(one()) for _ in range(2)]
        await asyncio.sleep(0)
        thread = threading.Thread(target=feed.change, args=(lambda before: before + 1,))
        thread.start()
        told = await asyncio.gather(*both)
        thread.join()
        assert feed._followers == set()
        return list(told)

    assert [seen[-1] for seen in asyncio.run(follow())] == [1, 1]


def test_a_follower_is_woken_where_nothing_happens() -> None:
    """None says that there is nothing new, so that a connection can show that it is alive."""

    async def follow() -> list[int | None]:
        feed, seen = Feed(7), list[int | None]()
        async for value in feed.follow(idle_s=0.001):
            seen.append(value)
            if len(seen) == 3:
                feed.end()
        return seen

    assert asyncio.run(follow()) == [7, None, None]
