"""Where in the video the page is."""

from streamlit.testing.v1 import AppTest


def script() -> None:
    import streamlit as st

    from pages.review import place

    if st.button("seek"):
        place.seek(4.25)
    st.json(place.wanted_seek() or {})


def wanted(app: AppTest) -> str:
    return str(app.json[0].value)


def test_a_moment_of_one_video_is_none_of_another() -> None:
    """A session goes from report to report: the next one begins where its own address says."""
    app = AppTest.from_function(script)
    app.query_params["job"] = "a"
    app.run().button[0].click().run()
    assert "4.25" in wanted(app)
    app.query_params["job"] = "b"
    app.query_params.pop("t")
    assert "4.25" not in wanted(app.run())
    app.query_params["t"] = "7.5"
    assert "7.5" in wanted(app.run())


def test_what_the_address_says_is_a_time_or_nothing() -> None:
    """Anybody can write anything into it."""
    for text in ("", "nan", "-1", "inf", "<b>"):
        app = AppTest.from_function(script)
        app.query_params["t"] = text
        assert wanted(app.run()) == "{}"
