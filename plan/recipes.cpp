// What image processor classes of transformers 5.17.0 do: one row a class. Position is order; a stage that is absent is
// a switch that the class ignores. Source: src/transformers/models/*/image_processing_*.py (the torchvision classes). A
// class without a row is not built.
#include <algorithm>
#include <utility>

#include "configuration/model_classes.hpp"
#include "plan/recipe.hpp"
#include "plan/stages.hpp"

namespace kir {

namespace {

std::vector<Recipe> rows() {
  return {
      // clang-format off
      {"BeitImageProcessor", {resize(automatic), window(), affine()}, Returns::pixels},
      {"BitImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"BlipImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"BridgeTowerImageProcessor", {resize(bridgetower), window_of_shortest(), affine(), pad(canvases::batch_max, {.mask = Mask::ahead})}},
      {"CHMv2ImageProcessor", {resize(dpt), window(), affine(), pad_multiple()}, Returns::pixels},
      {"CLIPImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"ChameleonImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"ChineseCLIPImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"Cohere2VisionImageProcessor", {where(key("crop_to_patches"), {grid(cohere), fork({{resize(canvas), cut()}, only(many_tiles, {resize(one_tile)})})}), resize(automatic), affine(), images(), num_patches()}},
      {"CohereCompassImageProcessor", {resize(smart_resize), affine(), tokens("YXyx ctij")}, Returns::stacked},
      {"ConditionalDetrImageProcessor", {resize(detr), affine(), pad_batch(true), images_stacked()}, Returns::stacked},
      {"ConvNextImageProcessor", {resize(convnext), window_of_convnext(), window(), affine()}},
      {"Cosmos3EdgeImageProcessor", {resize(smart_resize_frames), affine(), tokens("YXyx ijct")}, Returns::stacked},
      {"DINOv3ViTImageProcessor", {rescale(), resize(automatic), window(), normalize()}},
      {"DPTImageProcessor", {resize(dpt), window(), affine(), pad_multiple()}, Returns::pixels},
      {"DeepseekVLImageProcessor", {resize(janus), pad(canvases::square, {.centred = true, .value = around::background}), affine()}},
      {"DeformableDetrImageProcessor", {resize(detr), affine(), pad_batch(true), images_stacked()}, Returns::stacked},
      {"DeiTImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"DepthProImageProcessor", {affine(), resize(automatic, {.antialias = false})}},
      {"DetrImageProcessor", {resize(detr), affine(), pad_batch(true), images_stacked()}, Returns::stacked},
      {"DonutImageProcessor", {turn(), resize(donut), resize(thumbnail, {.on = "do_thumbnail", .or_bicubic = true}), pad_size(), window(), affine()}, Returns::features, Groups::none, Validates::all, width_first},
      {"EfficientNetImageProcessor", {resize(automatic), window(), affine_offset()}},
      {"Ernie4_5_VLMoeImageProcessor", {resize(smart_resize), affine(), tokens("YXyx ctij")}, Returns::stacked},
      {"FlavaImageProcessor", {resize(automatic), window(), affine()}},
      {"GLPNImageProcessor", {resize(floor_multiple), affine()}, Returns::features, Groups::none, Validates::all_but_resize},
      {"Gemma3ImageProcessor", {resize(automatic), affine(), images(), num_crops()}},
      {"Gemma4ImageProcessor", {resize(gemma4, {.torchvision = true}), affine(), token_rows("YX ijc", gemma4_rows), soft_token_counts()}, Returns::stacked, Groups::none, Validates::all_but_resize},
      {"Gemma4UnifiedImageProcessor", {resize(gemma4, {.torchvision = true}), affine(), token_rows("YX ijc", gemma4_unified_rows), soft_token_counts()}, Returns::stacked, Groups::none, Validates::all_but_resize},
      {"Glm46VImageProcessor", {resize(smart_resize_frames), affine(), tokens("YXyx ctij")}, Returns::stacked},
      {"Glm4vImageProcessor", {resize(smart_resize_frames), affine(), tokens("YXyx ctij")}, Returns::stacked},
      {"GlmImageImageProcessor", {resize(glm_image), affine(), tokens("YXyx ctij")}, Returns::stacked},
      {"GlmgaImageProcessor", {resize(smart_resize_frames), affine(), tokens("YXyx ctij")}, Returns::stacked},
      {"GotOcr2ImageProcessor", {where(key("crop_to_patches"), {grid(closest), fork({{resize(canvas), cut()}, only(many_tiles, {resize(one_tile)})})}), resize(automatic), affine(), images(), num_patches()}},
      {"GroundingDinoImageProcessor", {resize(detr), affine(), pad_batch(true), images_stacked()}, Returns::stacked},
      {"HunYuanVLImageProcessor", {resize(smart_resize, {.filter = Filter::bicubic}), affine(), tokens("YyXx ctij")}, Returns::stacked},
      {"Idefics3ImageProcessor", {resize(idefics3), grid(idefics3_grid), resize(canvas), fork({{cut()}, only(many_tiles, {resize(one_tile)})}), affine(), samples(), rows_cols()}, Returns::samples, Groups::samples},
      {"IdeficsImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"ImageGPTImageProcessor", {resize(automatic), window(), affine()}},
      {"JanusImageProcessor", {resize(janus), pad(canvases::square, {.centred = true, .value = around::background}), affine()}},
      {"Kosmos2_5ImageProcessor", {normalize_by_image(), resize(kosmos2_5, {.always = true, .filter = Filter::bilinear}), token_rows("YX ijc", kosmos2_5_rows), resized_grids()}, Returns::features, Groups::none, Validates::nothing},
      {"LayoutLMv2ImageProcessor", {resize(automatic), reverse_all()}},
      {"LayoutLMv3ImageProcessor", {resize(automatic), window(), affine()}},
      {"LevitImageProcessor", {resize(levit), window(), affine(), pad_batch()}},
      {"Llama4ImageProcessor", {grid(llama4), fork({{resize(content), pad_canvas(), cut()}, only(many_tiles, {resize(one_tile)})}), affine_bf16(), images(), aspect_ratios()}},
      {"LlavaImageProcessor", {pad_square(), resize(automatic), window(), affine()}},
      {"Mask2FormerImageProcessor", {resize(detr_divided), affine(), pad(canvases::batch, {.mask = Mask::behind, .always = true})}},
      {"MaskFormerImageProcessor", {resize(detr_divided), affine(), pad(canvases::batch, {.mask = Mask::behind, .always = true})}},
      {"MiniMaxM3VLImageProcessor", {resize(smart_resize), affine(), tokens("YXyx ctij")}, Returns::stacked, Groups::none, Validates::all, size_of_checkpoints},
      {"MllamaImageProcessor", {grid(mllama), resize(content), pad_canvas(), cut(), affine(), views_of_samples(), aspect_ratio_ids()}, Returns::samples, Groups::samples},
      {"MobileNetV1ImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"MobileNetV2ImageProcessor", {resize(automatic), window(), affine()}, Returns::pixels},
      {"MobileViTImageProcessor", {resize(automatic), window(), rescale(), reverse_rgb()}, Returns::pixels},
      {"MuseGlimmerImageProcessor", {resize(muse_glimmer), affine(), tokens("YX tcij")}, Returns::stacked, Groups::none, Validates::all_but_resize},
      {"OneFormerImageProcessor", {resize(automatic), affine(), pad(canvases::batch_max, {.mask = Mask::behind, .always = true})}},
      {"Ovis2ImageProcessor", {where(crops_to_patches(), {grid(ovis2), fork({only(many_tiles, {resize(one_tile)}), {resize(canvas), cut()}})}), resize(automatic), window(), affine(), images(), grids()}},
      {"OwlViTImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"PI0ImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"PPChart2TableImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"PPDocLayoutV2ImageProcessor", {resize(automatic, {.antialias = false}), window(), affine(), pad_batch()}},
      {"PPDocLayoutV3ImageProcessor", {resize(automatic, {.antialias = false}), window(), affine(), pad_batch()}},
      {"PPLCNetImageProcessor", {resize(pp_lcnet), window(), affine(), reverse_rgb()}},
      {"PPOCRV5ServerDetImageProcessor", {resize(ocr_det, {.floats = true}), affine(), reverse_rgb(), images(), target_sizes()}},
      {"PPOCRV5ServerRecImageProcessor", {resize(ocr_rec, {.floats = true, .by_widest = true}), window(), affine(), pad(canvases::text_line)}},
      {"PPOCRV6SmallRecImageProcessor", {resize(ocr_rec, {.antialias = false, .by_widest = true}), reverse_rgb(), window(), affine(), pad(canvases::text_line)}},
      {"PaddleOCRVLImageProcessor", {resize(smart_resize_paddle), affine(), tokens("YX ct i j")}, Returns::stacked},
      {"PerceiverImageProcessor", {window_of_perceiver(), resize(automatic), affine()}},
      {"PerceptionLMImageProcessor", {where(key("do_resize"), {grid(perception_lm), fork({only(thumbnail_and_tiles(), {resize(one_tile)}), {resize(canvas), cut()}})}), affine(), views()}},
      {"Pix2StructImageProcessor", {normalize_by_image(), resize(pix2struct, {.always = true, .floats = true, .filter = Filter::bilinear}), token_rows("YX ijc", pix2struct_rows)}, Returns::features, Groups::none, Validates::nothing},
      {"PixtralImageProcessor", {resize(pixtral), window(), affine(), pad(canvases::resized, {.always = true}), images_stacked(), resized_sizes("image_sizes")}, Returns::stacked},
      {"PoolFormerImageProcessor", {resize(poolformer), window(), affine(), pad_batch()}},
      {"PromptDepthAnythingImageProcessor", {resize(dpt), affine(), pad_multiple(true)}, Returns::pixels},
      {"PvtImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"Qwen2VLImageProcessor", {resize(smart_resize), affine(), tokens("YXyx ctij")}, Returns::stacked},
      {"RTDetrImageProcessor", {resize(detr), affine(), pad_batch(true), images_stacked()}, Returns::stacked},
      {"RfDetrImageProcessor", {rescale(), resize(detr), normalize(), pad_batch(true), images_stacked()}, Returns::stacked},
      {"Sam2ImageProcessor", {resize(automatic), window(), affine(), pad_batch(), images(), original_sizes()}, Returns::pixels},
      {"Sam3ImageProcessor", {resize(automatic), window(), affine(), pad_batch(), images(), original_sizes()}, Returns::pixels},
      {"SamImageProcessor", {resize(sam), window(), affine(), pad_batch(), images(), original_sizes(), resized_sizes("reshaped_input_sizes")}, Returns::pair},
      {"Sapiens2ImageProcessor", {resize(sapiens2), window_of_sapiens2(), window(), affine()}, Returns::pixels},
      {"SegGptImageProcessor", {resize(automatic), affine()}, Returns::pixels},
      {"SegformerImageProcessor", {resize(automatic), affine()}, Returns::pixels},
      {"Siglip2ImageProcessor", {resize(naflex), affine(), token_rows("YX ijc", naflex_rows), spatial_shapes()}, Returns::features, Groups::none, Validates::all_but_resize},
      {"SiglipImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"SmolVLMImageProcessor", {resize(idefics3), grid(idefics3_grid), resize(canvas), fork({{cut()}, only(many_tiles, {resize(one_tile)})}), affine(), samples(), rows_cols()}, Returns::samples, Groups::samples},
      {"SuperPointImageProcessor", {resize(automatic), rescale()}},
      {"TextNetImageProcessor", {resize(textnet), window(), affine()}},
      {"Tipsv2DptImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"Tipsv2ImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"TvpImageProcessor", {resize(tvp), window(), affine(), pad(canvases::frames, {.value = around::constant_values}), reverse_all(), videos()}, Returns::features, Groups::videos},
      {"ViTImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"VideoLlama3ImageProcessor", {resize(smart_resize), affine(), tokens("YXyx ctij"), merge_sizes()}, Returns::stacked},
      {"VideoMAEImageProcessor", {resize(automatic), window(), affine(), videos()}, Returns::features, Groups::videos},
      {"ViltImageProcessor", {resize(vilt), affine(), pad(canvases::batch_max, {.mask = Mask::behind})}},
      {"YolosImageProcessor", {resize(yolos), affine(), pad_batch(true), images_stacked()}, Returns::stacked},
      // clang-format on
  };
}

}  // namespace

const std::vector<Recipe>& recipes() {
  static const std::vector<Recipe> all = [] {
    std::vector<Recipe> made = rows();
    for (Recipe& recipe : made) {
      const auto gathers = [](const Stage& stage) { return stage.gathers; };
      if (std::none_of(recipe.stages.begin(), recipe.stages.end(), gathers)) {
        recipe.stages.push_back(images());
      }
    }
    return made;
  }();
  return all;
}

const Recipe* find_recipe(std::string_view class_name) {
  for (const std::vector<Recipe>* table : {&recipes(), &video_recipes()}) {
    const auto found =
        std::find_if(table->begin(), table->end(), [&](const Recipe& row) { return row.class_name == class_name; });
    if (found != table->end()) return &*found;
  }
  return nullptr;
}

std::string writes(const Recipe& recipe) {
  const auto last =
      std::find_if(recipe.stages.begin(), recipe.stages.end(), [](const Stage& stage) { return stage.gathers; });
  return last->name.substr(0, last->name.find('('));
}

std::string text_of(const Recipe& recipe) {
  std::string text;
  for (const Stage& stage : recipe.stages) text += (text.empty() ? "" : " ") + stage.name;
  return text;
}

std::vector<ProcessorClass> processor_classes(Media media) {
  std::vector<ProcessorClass> classes;
  for (const std::string_view name : media == Media::images ? image_processor_classes() : video_processor_classes()) {
    const Recipe* recipe = find_recipe(name);
    classes.push_back({std::string(name), recipe == nullptr ? "" : text_of(*recipe)});
  }
  return classes;
}

}  // namespace kir
