from course.engine.capabilities import CAPABILITIES, missing

WHOLE = "Name:\tsh\nCapBnd:\t000001ffffffffff\n"
WITHOUT_RESOURCE = "Name:\tsh\nCapBnd:\t000001fffeffffff\n"


def test_a_full_set_lacks_nothing() -> None:
    assert missing(WHOLE, last=40) == []


def test_a_missing_bit_is_named() -> None:
    assert missing(WITHOUT_RESOURCE, last=40) == ["SYS_RESOURCE"]


def test_what_an_old_kernel_does_not_know_is_not_missing() -> None:
    assert missing("CapBnd:\t000000ffffffffff\n", last=39) == []


def test_the_table_has_the_kernels_41() -> None:
    assert len(CAPABILITIES) == 41
    assert CAPABILITIES.index("SYS_ADMIN") == 21
