"""From tensors back to pictures: each transformation undoes the one that it claims to undo."""

import numpy as np
import pytest

from reports import photographs, pictures, pixels, showcase

AFFINE = {
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [0.1, 0.2, 0.3],
    "image_std": [0.4, 0.5, 0.6],
}


@pytest.fixture
def picture():
    return np.random.default_rng(7).integers(0, 256, (3, 28, 56), dtype=np.uint8)


@pytest.mark.parametrize("rescale", [True, False])
@pytest.mark.parametrize("normalize", [True, False])
def test_levels_undo_the_affine(picture, rescale, normalize):
    config = {**AFFINE, "do_rescale": rescale, "do_normalize": normalize}
    values = picture.astype(np.float64)
    if rescale:
        values = values * config["rescale_factor"]
    if normalize:
        values = (values - np.reshape(config["image_mean"], (3, 1, 1))) / np.reshape(config["image_std"], (3, 1, 1))
    np.testing.assert_allclose(pixels.to_levels(values, config), picture, atol=1e-9)


def test_pictures_are_clipped_and_interleaved():
    levels = np.array([-3.0, 300.0, 12.6]).reshape(3, 1, 1)
    assert pixels.to_picture(levels).tolist() == [[[0, 255, 13]]]


def test_qwen2_vl_patches_go_back_to_their_places(picture):
    merge, patch, copies = 2, 14, 2
    config = {"merge_size": merge, "patch_size": patch, "temporal_patch_size": copies}
    rows, columns = picture.shape[1] // patch, picture.shape[2] // patch
    # As Qwen2VLImageProcessor orders them: block row, block column, row and column in the block, channel, time, y, x.
    blocks = np.stack([picture] * copies).reshape(
        copies, 3, rows // merge, merge, patch, columns // merge, merge, patch
    )
    tokens = blocks.transpose(2, 5, 3, 6, 1, 0, 4, 7).reshape(rows * columns, -1)
    patches = pixels.qwen2_vl_patches(tokens, np.array([1, rows, columns]), config)
    back = patches.transpose(2, 0, 3, 1, 4).reshape(picture.shape)
    np.testing.assert_array_equal(back, picture)


def test_pix2struct_patches_go_where_their_header_says(picture):
    config = {"patch_size": {"height": 14, "width": 14}}
    tokens = [
        [
            row + 1,
            column + 1,
            *picture[:, row * 14 : row * 14 + 14, column * 14 : column * 14 + 14].transpose(1, 2, 0).flat,
        ]
        for row in range(2)
        for column in range(4)
    ]
    flattened = np.array([*tokens[::-1], [0] * len(tokens[0])], np.float32)  # any order, and a row of padding
    back = pixels.pix2struct_patches(flattened, config).transpose(2, 0, 3, 1, 4).reshape(picture.shape)
    np.testing.assert_array_equal(back, picture)


def test_a_montage_keeps_every_pixel():
    tiles = np.arange(2 * 3 * 4 * 5 * 3, dtype=np.uint8).reshape(2, 3, 4, 5, 3)
    canvas = pixels.montage(tiles, gap=2)
    assert canvas.shape == (2 * 4 + 2, 3 * 5 + 2 * 2, 3)
    np.testing.assert_array_equal(canvas[6:10, 14:19], tiles[1, 2])
    assert (canvas[4:6] == 255).all()


def test_the_outline_is_the_window_in_source_pixels():
    def axis(size, out, first, count):
        return {"in": size, "out": out, "first": first, "count": count}

    job = {"y": axis(400, 200, 0, 200), "x": axis(600, 300, 50, 200)}
    assert pictures.source_window({"levels": [{"jobs": [job]}]}) == (0, 100, 400, 400)
    job["x"] = axis(600, 300, 0, 300)
    assert pictures.source_window({"levels": [{"jobs": [job]}]}) is None


def test_a_missing_tensor_is_named_not_raised(tmp_path):
    found = pictures._attempt(pictures.draw_processor, showcase.PROCESSORS[0], pictures.Folders(tmp_path, tmp_path))
    assert "config_clip.json" in found["missing"]


def test_a_credit_quotes_licence_and_source():
    docstring = """A cat.

    This photograph is courtesy of Somebody.

    Notes
    -----
    No copyright restrictions. CC0 by the photographer (A. Name).
    It was downloaded from
    `somewhere <https://example.org/cat.jpg>`__.

    Returns
    -------
    cat : (300, 451, 3) uint8 ndarray
    """
    assert photographs.credit(docstring) == {
        "title": "A cat",
        "licence": "No copyright restrictions. CC0 by the photographer (A. Name).",
        "origin": "This photograph is courtesy of Somebody. It was downloaded from somewhere.",
        "links": ["https://example.org/cat.jpg"],
    }


def test_every_photograph_of_the_report_states_its_licence():
    pytest.importorskip("skimage")
    found = photographs.catalogue(showcase.photographs())["photographs"]
    assert len(found) == len(showcase.photographs())
    for photograph in found:
        assert photograph["licence"], photograph
