// What each of the 126 image processor classes of transformers 5.17.0 does: one row a class. Position is order; a stage
// that is absent is a switch that the class ignores. Source: src/transformers/models/*/image_processing_*.py (the
// torchvision classes). A class without stages is not built.
#include <algorithm>

#include "plan/recipe.hpp"
#include "plan/stages/affine.hpp"
#include "plan/stages/channels.hpp"
#include "plan/stages/images.hpp"
#include "plan/stages/pad.hpp"
#include "plan/stages/resize.hpp"
#include "plan/stages/tiles.hpp"
#include "plan/stages/tokens.hpp"
#include "plan/stages/window.hpp"

namespace kir {

namespace {

std::vector<Recipe> rows() {
  return {
      // One row a class.
      // clang-format off
      {"AriaImageProcessor"},
      {"BeitImageProcessor", {resize(automatic), window(), affine()}, Returns::pixels},
      {"BitImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"BlipImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"BridgeTowerImageProcessor"},
      {"CHMv2ImageProcessor"},
      {"CLIPImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"ChameleonImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"ChineseCLIPImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"Cohere2VisionImageProcessor"},
      {"CohereCompassImageProcessor", {resize(smart_resize), affine(), tokens("YXyxctij")}, Returns::stacked},
      {"ConditionalDetrImageProcessor", {resize(detr), affine(), pad_batch(true), images_stacked()}, Returns::stacked},
      {"ConvNextImageProcessor", {resize(convnext), window_of_convnext(), window(), affine()}},
      {"Cosmos3EdgeImageProcessor"},
      {"DINOv3ViTImageProcessor", {rescale(), resize(automatic), window(), normalize()}},
      {"DPTImageProcessor", {resize(dpt), window(), affine(), pad_multiple()}, Returns::pixels},
      {"DeepseekOcr2ImageProcessor"},
      {"DeepseekVLHybridImageProcessor"},
      {"DeepseekVLImageProcessor"},
      {"DeformableDetrImageProcessor", {resize(detr), affine(), pad_batch(true), images_stacked()}, Returns::stacked},
      {"DeiTImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"DepthProImageProcessor", {affine(), resize(automatic, {.antialias = false})}},
      {"DetrImageProcessor", {resize(detr), affine(), pad_batch(true), images_stacked()}, Returns::stacked},
      {"DonutImageProcessor"},
      {"EfficientLoFTRImageProcessor"},
      {"EfficientNetImageProcessor", {resize(automatic), window(), affine_offset()}},
      {"Emu3ImageProcessor"},
      {"EomtImageProcessor"},
      {"Ernie4_5_VLMoeImageProcessor"},
      {"FlavaImageProcessor", {resize(automatic), window(), affine()}},
      {"FuyuImageProcessor"},
      {"GLPNImageProcessor"},
      {"Gemma3ImageProcessor", {resize(automatic), affine(), images(), num_crops()}},
      {"Gemma4ImageProcessor"},
      {"Gemma4UnifiedImageProcessor"},
      {"Glm46VImageProcessor"},
      {"Glm4vImageProcessor"},
      {"Glm5NextImageProcessor"},
      {"GlmImageImageProcessor"},
      {"GlmgaImageProcessor"},
      {"GotOcr2ImageProcessor"},
      {"GroundingDinoImageProcessor", {resize(detr), affine(), pad_batch(true), images_stacked()}, Returns::stacked},
      {"HunYuanVLImageProcessor"},
      {"Idefics2ImageProcessor"},
      {"Idefics3ImageProcessor", {resize(idefics3), resize(idefics3_tiles, {.always = true}), tiles(), affine(), samples(), tile_counts()}, Returns::samples, Groups::samples},
      {"IdeficsImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"ImageGPTImageProcessor", {resize(automatic), window(), affine()}},
      {"InklingImageProcessor"},
      {"JanusImageProcessor"},
      {"Kimi_K25ImageProcessor"},
      {"Kosmos2_5ImageProcessor"},
      {"LayoutLMv2ImageProcessor", {resize(automatic), reverse_all()}},
      {"LayoutLMv3ImageProcessor", {resize(automatic), window(), affine()}},
      {"LevitImageProcessor", {resize(levit), window(), affine(), pad_batch()}},
      {"Lfm2VlImageProcessor"},
      {"LightGlueImageProcessor"},
      {"Llama4ImageProcessor"},
      {"LlavaImageProcessor", {pad_square(), resize(automatic), window(), affine()}},
      {"LlavaNextImageProcessor"},
      {"LlavaOnevisionImageProcessor"},
      {"Mask2FormerImageProcessor"},
      {"MaskFormerImageProcessor"},
      {"MiniCPMV4_6ImageProcessor"},
      {"MiniMaxM3VLImageProcessor"},
      {"MllamaImageProcessor"},
      {"MobileNetV1ImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"MobileNetV2ImageProcessor", {resize(automatic), window(), affine()}, Returns::pixels},
      {"MobileViTImageProcessor", {resize(automatic), window(), rescale(), reverse_rgb()}, Returns::pixels},
      {"MuseGlimmerImageProcessor"},
      {"NeoMMEImageProcessor"},
      {"NougatImageProcessor"},
      {"OneFormerImageProcessor"},
      {"Ovis2ImageProcessor"},
      {"OwlViTImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"Owlv2ImageProcessor"},
      {"PI0ImageProcessor"},
      {"PPChart2TableImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"PPDocLayoutV2ImageProcessor", {resize(automatic, {.antialias = false}), window(), affine(), pad_batch()}},
      {"PPDocLayoutV3ImageProcessor", {resize(automatic, {.antialias = false}), window(), affine(), pad_batch()}},
      {"PPFormulaNetImageProcessor"},
      {"PPLCNetImageProcessor", {resize(pp_lcnet), window(), affine(), reverse_rgb()}},
      {"PPOCRV5ServerDetImageProcessor"},
      {"PPOCRV5ServerRecImageProcessor"},
      {"PPOCRV6SmallRecImageProcessor"},
      {"PaddleOCRVLImageProcessor"},
      {"PerceiverImageProcessor", {window_of_perceiver(), resize(automatic), affine()}},
      {"PerceptionLMImageProcessor"},
      {"Phi4MultimodalImageProcessor"},
      {"Pix2StructImageProcessor", {normalize_by_image(), resize(pix2struct, {.always = true, .floats = true, .filter = Filter::bilinear}), token_rows("YXijc")}, Returns::features, Groups::none, false},
      {"PixtralImageProcessor"},
      {"PoolFormerImageProcessor", {resize(poolformer), window(), affine(), pad_batch()}},
      {"PromptDepthAnythingImageProcessor", {resize(dpt), affine(), pad_multiple(true)}, Returns::pixels},
      {"PvtImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"Qwen2VLImageProcessor", {resize(smart_resize), affine(), tokens("YXyxctij")}, Returns::stacked},
      {"RTDetrImageProcessor", {resize(detr), affine(), pad_batch(true), images_stacked()}, Returns::stacked},
      {"RfDetrImageProcessor"},
      {"SLANeXtImageProcessor"},
      {"Sam2ImageProcessor", {resize(automatic), window(), affine(), pad_batch(), images(), original_sizes()}, Returns::pixels},
      {"Sam3ImageProcessor", {resize(automatic), window(), affine(), pad_batch(), images(), original_sizes()}, Returns::pixels},
      {"SamImageProcessor"},
      {"Sapiens2ImageProcessor", {resize(sapiens2), window_of_sapiens2(), window(), affine()}, Returns::pixels},
      {"SegGptImageProcessor", {resize(automatic), affine()}, Returns::pixels},
      {"SegformerImageProcessor", {resize(automatic), affine()}, Returns::pixels},
      {"Siglip2ImageProcessor"},
      {"SiglipImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"SmolVLMImageProcessor", {resize(idefics3), resize(idefics3_tiles, {.always = true}), tiles(), affine(), samples(), tile_counts()}, Returns::samples, Groups::samples},
      {"Step3p7ImageProcessor"},
      {"SuperGlueImageProcessor"},
      {"SuperPointImageProcessor", {resize(automatic), rescale()}},
      {"Swin2SRImageProcessor"},
      {"TextNetImageProcessor"},
      {"TimmWrapperImageProcessor"},
      {"Tipsv2DptImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"Tipsv2ImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"TvpImageProcessor"},
      {"UVDocImageProcessor"},
      {"ViTImageProcessor", {resize(automatic), window(), affine(), pad_batch()}},
      {"VideoLlama3ImageProcessor"},
      {"VideoLlavaImageProcessor"},
      {"VideoMAEImageProcessor", {resize(automatic), window(), affine(), videos()}, Returns::features, Groups::videos},
      {"ViltImageProcessor"},
      {"VitMatteImageProcessor"},
      {"VitPoseImageProcessor"},
      {"VivitImageProcessor"},
      {"YolosImageProcessor"},
      {"ZoeDepthImageProcessor"},
      // clang-format on
  };
}

}  // namespace

const std::vector<Recipe>& recipes() {
  static const std::vector<Recipe> all = [] {
    std::vector<Recipe> made = rows();
    for (Recipe& recipe : made) {
      const auto gathers = [](const Stage& stage) { return stage.gathers; };
      if (!recipe.stages.empty() && std::none_of(recipe.stages.begin(), recipe.stages.end(), gathers)) {
        recipe.stages.push_back(images());
      }
    }
    return made;
  }();
  return all;
}

const Recipe* find_recipe(std::string_view class_name) {
  const auto found =
      std::find_if(recipes().begin(), recipes().end(), [&](const Recipe& row) { return row.class_name == class_name; });
  return found == recipes().end() ? nullptr : &*found;
}

std::string writes(const Recipe& recipe) {
  for (const Stage& stage : recipe.stages) {
    if (stage.gathers) return stage.name.substr(0, stage.name.find('('));
  }
  return {};
}

std::string text_of(const Recipe& recipe) {
  std::string text;
  for (const Stage& stage : recipe.stages) text += (text.empty() ? "" : " ") + stage.name;
  return text;
}

}  // namespace kir
