"""Learning from another model: what it says is learned without any label, by a pupil with fewer layers too."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analyzer.errors import AnalyzerError
from analyzer.model.folder import default_folder
from analyzer.schema import STANDARD_SCHEMA
from analyzer.training.data import load_labelled
from tests.conftest import RunCommand

torch = pytest.importorskip("torch", reason="PyTorch is not installed (extra train)")


def teachers_for(tokenizer: Any, *, folders: Sequence[Path] = (default_folder(),), n_encoder: int = 384) -> Any:
    from analyzer.training.teacher import Teachers

    cpu = torch.device("cpu")
    return Teachers(folders, STANDARD_SCHEMA, STANDARD_SCHEMA, tokenizer, n_encoder, cpu)


def test_a_shallower_pupil_learns_what_its_teacher_says_without_labels(labelled_file: Path) -> None:
    from analyzer.training.encoder import Reader
    from analyzer.training.network_predictions import network_outputs
    from analyzer.training.options import TrainingOptions
    from analyzer.training.reading import example_of
    from analyzer.training.trainer import train_network

    documents = [
        replace(document, labels={}, spans={}, supports=None)
        for document in load_labelled(labelled_file, STANDARD_SCHEMA)[:6]
    ]
    options = TrainingOptions(layers=2, freeze=0, epochs=12, tokens_per_step=300, average_decay=0.8)
    pupil = train_network(documents, STANDARD_SCHEMA, default_folder(), options, teachers=[default_folder()])
    assert len(pupil.encoder.encoder.layer) == 2
    assert pupil.losses[-1] < 0.3 * pupil.losses[0]

    examples = [example_of(document, pupil.tokenizer, STANDARD_SCHEMA) for document in documents]
    teacher = teachers_for(pupil.tokenizer)
    found = network_outputs(Reader(pupil.encoder), pupil.heads, examples, pupil.tokenizer, options.window)
    said = teacher(examples)
    for head in ("type", "sourcing", "role"):
        learned = torch.cat([outputs.logits[head] for outputs in found]).argmax(1)
        chances, labels = torch.cat([taught.outputs.logits[head] for taught in said]).softmax(-1).max(1)
        # Of what the teacher itself is in two minds about, the pupil may think either.
        sure = chances > 0.6
        assert sure.float().mean() > 0.5
        assert (learned == labels)[sure].float().mean() > 0.8


def test_what_a_teacher_says_of_a_document_is_said_once_and_hangs_on_no_other(labelled_file: Path) -> None:
    from analyzer.model.torch_weights import load_encoder
    from analyzer.training.reading import example_of

    _, tokenizer = load_encoder(default_folder())
    teacher = teachers_for(tokenizer)
    long, short = sorted(load_labelled(labelled_file, STANDARD_SCHEMA), key=lambda d: -sum(map(len, d.texts)))[::29]
    examples = [example_of(document, tokenizer, STANDARD_SCHEMA) for document in (long, short)]
    together = teacher(examples)
    apart = [teachers_for(tokenizer)([example])[0] for example in examples]
    for one, other in zip(together, apart, strict=True):
        assert torch.allclose(one.vectors, other.vectors, atol=1e-4)
    assert teacher(examples)[0] is together[0]


def test_a_teacher_with_other_tokens_says_the_same_of_sentences_and_nothing_of_words(labelled_file: Path) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import WhitespaceSplit

    from analyzer.model.torch_weights import load_encoder
    from analyzer.training.reading import example_of

    _, own = load_encoder(default_folder())
    words = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))
    words.pre_tokenizer = WhitespaceSplit()
    document = load_labelled(labelled_file, STANDARD_SCHEMA)[0]

    def said_to(tokenizer: Any, n_encoder: int = 384) -> Any:
        [taught] = teachers_for(tokenizer, n_encoder=n_encoder)([example_of(document, tokenizer, STANDARD_SCHEMA)])
        return taught

    of_own, of_words = said_to(own), said_to(words)
    assert of_own.outputs.marks is not None and of_own.vectors is not None
    assert of_words.outputs.marks is None and of_words.vectors is None
    assert torch.allclose(of_own.outputs.logits["role"], of_words.outputs.logits["role"], atol=1e-4)
    assert of_own.others is None
    assert torch.allclose(of_words.others, of_own.vectors, atol=1e-4)
    assert said_to(own, n_encoder=768).vectors is None


def test_a_teacher_may_have_only_its_int8_encoder(labelled_file: Path, tmp_path: Path) -> None:
    from analyzer.model.torch_weights import load_encoder
    from analyzer.training.encoder import fingerprint_of
    from analyzer.training.reading import example_of

    _, tokenizer = load_encoder(default_folder())
    int8 = tmp_path / "int8"
    shutil.copytree(default_folder(), int8, ignore=shutil.ignore_patterns("model.safetensors"))
    examples = [example_of(d, tokenizer, STANDARD_SCHEMA) for d in load_labelled(labelled_file, STANDARD_SCHEMA)[:4]]
    assert fingerprint_of(int8) not in (fingerprint_of(default_folder()), fingerprint_of(tmp_path))
    said = teachers_for(tokenizer, folders=[int8])(examples)
    exact = teachers_for(tokenizer)(examples)
    for few, full in zip(said, exact, strict=True):
        assert few.vectors.shape == full.vectors.shape
        for head, logits in full.outputs.logits.items():
            assert torch.allclose(few.outputs.logits[head].softmax(-1), logits.softmax(-1), atol=0.15), head
        assert few.outputs.marks.shape == full.outputs.marks.shape


def test_the_vectors_of_a_larger_teacher_are_learned_through_a_layer_of_their_own(labelled_file: Path) -> None:
    from analyzer.training.options import TrainingOptions
    from analyzer.training.trainer import Training

    large = default_folder().with_name("large")
    if not large.is_dir():
        pytest.skip("models/large is not here: it is in no wheel")
    documents = load_labelled(labelled_file, STANDARD_SCHEMA)[:3]
    options = TrainingOptions(epochs=8, tokens_per_step=300, average_decay=0.0)
    training = Training(documents, STANDARD_SCHEMA, default_folder(), options, teachers=[large, default_folder()])
    regressor = training._network["regressor"]
    assert regressor.weight.shape == (768, 384)
    before = regressor.weight.detach().clone()
    trained = training.run()
    assert trained.losses[-1] < trained.losses[0]
    assert (regressor.weight - before).abs().max() > 0.001
    assert all("regressor" not in name for name in trained.heads.state_dict())


def test_teachers_of_other_labels_are_refused(tmp_path: Path) -> None:
    from analyzer.model.torch_weights import load_encoder
    from analyzer.training.teacher import Teachers

    _, tokenizer = load_encoder(default_folder())
    without_role = replace(STANDARD_SCHEMA, heads=tuple(h for h in STANDARD_SCHEMA.heads if h.name != "role"))
    with pytest.raises(AnalyzerError, match="the head role"):
        Teachers([default_folder()], STANDARD_SCHEMA, without_role, tokenizer, 384, torch.device("cpu"))
    other = tmp_path / "other"
    shutil.copytree(default_folder(), other)
    (other / "schema.json").write_text(replace(STANDARD_SCHEMA, links=False).to_json(), encoding="utf-8")
    with pytest.raises(AnalyzerError, match="has other labels"):
        teachers_for(tokenizer, folders=[other])


def test_of_two_teachers_the_pupil_learns_the_mean(labelled_file: Path, tmp_path: Path) -> None:
    from analyzer.model.torch_weights import load_encoder
    from analyzer.training.reading import example_of

    _, tokenizer = load_encoder(default_folder())
    int8 = tmp_path / "int8"
    shutil.copytree(default_folder(), int8, ignore=shutil.ignore_patterns("model.safetensors"))
    examples = [example_of(d, tokenizer, STANDARD_SCHEMA) for d in load_labelled(labelled_file, STANDARD_SCHEMA)[:3]]
    one, other, both = (
        teachers_for(tokenizer, folders=folders)(examples)
        for folders in ([default_folder()], [int8], [default_folder(), int8])
    )
    for a, b, mean in zip(one, other, both, strict=True):
        assert torch.allclose((a.vectors + b.vectors) / 2, mean.vectors, atol=1e-4)
        assert torch.allclose((a.outputs.marks + b.outputs.marks) / 2, mean.outputs.marks, atol=1e-4)
        for head, logits in mean.outputs.logits.items():
            assert torch.allclose((a.outputs.logits[head] + b.outputs.logits[head]) / 2, logits, atol=1e-4), head


def test_the_command_trains_a_pupil_and_its_card_says_so(labelled_file: Path, tmp_path: Path, run: RunCommand) -> None:
    out = tmp_path / "fast"
    options = ("--teacher", default_folder(), "--layers", 2, "--freeze", 0, "--epochs", 2, "--steps", 2)
    done = run("train", labelled_file, *options, "-o", out)
    assert done.returncode == 0, done.stderr.decode()
    assert json.loads((out / "config.json").read_text(encoding="utf-8"))["num_hidden_layers"] == 2
    card = (out / "README.md").read_text(encoding="utf-8")
    assert "2 of its layers" in card
    assert "--layers 2 --steps 2 --teacher models/default" in card
    assert "2 epochs, at most 2 steps," in card
    assert (
        run("report", "--model", out, "-q", Path(__file__).parents[2] / "labeled/examples/news-report.md").returncode
        == 0
    )


@pytest.mark.parametrize(
    ("options", "named"),
    [(("--layers", 7), "--layers is 7"), (("--data", "x.csv", "--teacher", "models/default"), "--teacher")],
)
def test_options_that_cannot_be_are_named(
    labelled_file: Path, tmp_path: Path, run: RunCommand, options: tuple[object, ...], named: str
) -> None:
    given = () if "--data" in options else (labelled_file,)
    done = run("train", *given, *options, "-o", tmp_path / "out")
    assert done.returncode == 2
    assert named in done.stderr.decode()
    assert not (tmp_path / "out").exists()
