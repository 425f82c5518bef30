from paperqa_ext.convert.near_duplicates import NearDuplicates

TEXT = (
    "The authors propose a graph neural network that predicts the traffic of a whole city from the readings of a few "
    "sensors, and show on three public data sets that it is both faster and more accurate than earlier methods."
)


def test_the_same_text_in_other_clothes_is_no_news():
    texts = NearDuplicates()
    assert texts.is_new(TEXT)
    assert not texts.is_new(TEXT)
    assert not texts.is_new(TEXT.upper().replace(",", " "))
    assert not texts.is_new(TEXT.replace("a few", "some"))


def test_other_texts_are_news():
    texts = NearDuplicates()
    assert texts.is_new(TEXT)
    assert texts.is_new("The authors study the spectrum of a random matrix whose entries are weakly dependent.")
    assert texts.is_new(TEXT[: len(TEXT) // 2])
    assert texts.is_new("")


def test_answers_do_not_depend_on_the_run():
    told = [
        f"The authors study {number} things of kind {number % 7} in setting {number % 11}." for number in range(200)
    ]
    first, again = NearDuplicates(), NearDuplicates()
    assert [first.is_new(text) for text in told] == [again.is_new(text) for text in told]
