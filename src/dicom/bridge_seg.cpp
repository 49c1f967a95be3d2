/*
 * Segmentation Storage (PS3.3 A.51): one segment each for tendon, tears and tendinosis, on the source series' own
 * slices. Frames are written only for slices that a segment touches; a segment without any is described all the same,
 * because that says "looked for, not found". Fractions are occupancies: 255 steps from empty to full, or one bit at one
 * half.
 */
#include "dicom/bridge_dataset.h"

#include <cmath>
#include <vector>

namespace
{

const char *const mr_image_storage = "1.2.840.10008.5.1.4.1.1.4";
const int maximum_fraction = 255;

struct Frame {
    int segment; /* 0-based */
    int slice;   /* of the source grid */
};

/* A segment's place in the source grid. */
struct Placed {
    const Vol *vol;
    int i0, j0, k0;
};

Placed place(const Vol *vol, const Grid &grid)
{
    if (!vol || !vol->data) return {nullptr, 0, 0, 0};
    Vec3 p = grid_to_vox(&grid, vol->grid.origin_lps);
    Placed placed = {vol, (int)std::lround(p.x), (int)std::lround(p.y), (int)std::lround(p.z)};
    const Grid crop = grid_crop(&grid, placed.i0, placed.j0, placed.k0, vol->grid.nx, vol->grid.ny, vol->grid.nz);
    bool inside = placed.i0 >= 0 && placed.j0 >= 0 && placed.k0 >= 0 && placed.i0 + vol->grid.nx <= grid.nx &&
                  placed.j0 + vol->grid.ny <= grid.ny && placed.k0 + vol->grid.nz <= grid.nz;
    if (!inside || !grid_same(&crop, &vol->grid, 1e-3))
        throw BridgeFailure("a segment is not on the source series' grid");
    return placed;
}

unsigned char fraction_step(float fraction)
{
    return fraction > 0 ? (unsigned char)std::lround(std::fmin(fraction, 1.0f) * maximum_fraction) : 0; /* NaN: 0 */
}

/* Pixels of one frame, one byte each; returns whether any is set. */
bool draw_frame(std::vector<unsigned char> &pixels, const Placed &placed, const Grid &grid, int slice, bool binary)
{
    std::fill(pixels.begin(), pixels.end(), (unsigned char)0);
    const Vol *vol = placed.vol;
    if (!vol || slice < placed.k0 || slice >= placed.k0 + vol->grid.nz) return false;
    bool any = false;
    for (int j = 0; j < vol->grid.ny; j++)
        for (int i = 0; i < vol->grid.nx; i++) {
            float fraction = vol->data[grid_index(&vol->grid, i, j, slice - placed.k0)];
            unsigned char step = binary ? fraction >= 0.5f : fraction_step(fraction);
            pixels[(size_t)(j + placed.j0) * grid.nx + i + placed.i0] = step;
            any |= step != 0;
        }
    return any;
}

std::vector<unsigned char> draw_frames(std::vector<Frame> &frames, const Series &source, const ArchiveSegment *segments,
                                       int n_segments, bool binary)
{
    const Grid &grid = source.grid;
    std::vector<unsigned char> frame((size_t)grid.nx * grid.ny), all;
    for (int s = 0; s < n_segments; s++) {
        Placed placed = place(segments[s].fraction, grid);
        for (int k = 0; k < grid.nz; k++)
            if (draw_frame(frame, placed, grid, k, binary)) {
                frames.push_back({s, k});
                all.insert(all.end(), frame.begin(), frame.end());
            }
    }
    if (frames.empty()) { /* an image object needs a frame: an empty one of the first segment */
        frames.push_back({0, 0});
        all.assign(frame.size(), 0);
    }
    return all;
}

/* One bit a pixel, least significant first, frames following each other without padding (PS3.5 section 8.1.1). DCMTK's
 * own packing pads wrongly when rows × columns is not a multiple of 8. */
std::vector<unsigned char> pack_bits(const std::vector<unsigned char> &pixels)
{
    std::vector<unsigned char> packed((pixels.size() + 7) / 8);
    for (size_t i = 0; i < pixels.size(); i++)
        if (pixels[i]) packed[i / 8] |= (unsigned char)(1 << (i % 8));
    return packed;
}

/* CIELab as DICOM encodes it (PS3.3 C.10.7.1.1) of an sRGB colour, D65 adapted to D50 by Bradford (ICC.1 annex E). */
void put_display_colour(DcmItem &item, const unsigned char rgb[3])
{
    double linear[3], xyz[3], f[3];
    static const double to_xyz[3][3] = {
        {0.4360747, 0.3850649, 0.1430804}, {0.2225045, 0.7168786, 0.0606169}, {0.0139322, 0.0971045, 0.7141733}};
    static const double white[3] = {0.9642, 1.0, 0.8249};
    for (int c = 0; c < 3; c++) {
        double v = rgb[c] / 255.0;
        linear[c] = v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
    }
    for (int r = 0; r < 3; r++) {
        xyz[r] = (to_xyz[r][0] * linear[0] + to_xyz[r][1] * linear[1] + to_xyz[r][2] * linear[2]) / white[r];
        f[r] = xyz[r] > 216.0 / 24389 ? std::cbrt(xyz[r]) : (24389.0 / 27 * xyz[r] + 16) / 116;
    }
    const double lab[3] = {116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])};
    Uint16 coded[3] = {(Uint16)std::lround(lab[0] * 65535 / 100), (Uint16)std::lround((lab[1] + 128) * 65535 / 255),
                       (Uint16)std::lround((lab[2] + 128) * 65535 / 255)};
    bridge_check(item.putAndInsertUint16Array(DCM_RecommendedDisplayCIELabValue, coded, 3),
                 DCM_RecommendedDisplayCIELabValue);
}

void put_algorithm(DcmItem &item, const ArchiveSegment &segment)
{
    if (segment.made_by_person) {
        put(item, DCM_SegmentAlgorithmType, "MANUAL");
        return;
    }
    put(item, DCM_SegmentAlgorithmType, segment.seeded ? "SEMIAUTOMATIC" : "AUTOMATIC");
    put(item, DCM_SegmentAlgorithmName, "Teno");
    DcmItem &algorithm = add_item(item, DCM_SegmentationAlgorithmIdentificationSequence);
    add_code(algorithm, DCM_AlgorithmFamilyCodeSequence, {"123103", "DCM", "Edge Detection"});
    put(algorithm, DCM_AlgorithmName, "Teno");
    put(algorithm, DCM_AlgorithmVersion, TENO_VERSION);
}

void put_segment(DcmItem &out, const ArchiveSegment &segment, int number)
{
    DcmItem &item = add_item(out, DCM_SegmentSequence);
    put(item, DCM_SegmentNumber, std::to_string(number));
    put(item, DCM_SegmentLabel, segment.label);
    put(item, DCM_SegmentDescription, segment.description);
    put_algorithm(item, segment);
    add_code(item, DCM_SegmentedPropertyCategoryCodeSequence, segment.category);
    DcmItem &type = add_code(item, DCM_SegmentedPropertyTypeCodeSequence, segment.type);
    DcmItem &region = add_code(item, DCM_AnatomicRegionSequence, segment.region);
    if (segment.tendon_code[0])
        add_code(type, DCM_SegmentedPropertyTypeModifierCodeSequence,
                 {segment.tendon_code, "99TENO", segment.tendon_meaning});
    if (segment.side != SIDE_UNKNOWN) {
        add_code(type, DCM_SegmentedPropertyTypeModifierCodeSequence, side_code(segment.side));
        add_code(region, DCM_AnatomicRegionModifierSequence, side_code(segment.side));
    }
    put(item, DCM_TrackingID, segment.tracking_id);
    put(item, DCM_TrackingUID, segment.tracking_uid);
    put_display_colour(item, segment.rgb);
}

void put_image_pixel(DcmItem &out, const Series &source, bool binary)
{
    put(out, DCM_ImageType, "DERIVED\\PRIMARY");
    put(out, DCM_SamplesPerPixel, "1");
    put(out, DCM_PhotometricInterpretation, "MONOCHROME2");
    put(out, DCM_Rows, std::to_string(source.grid.ny));
    put(out, DCM_Columns, std::to_string(source.grid.nx));
    put(out, DCM_BitsAllocated, binary ? "1" : "8");
    put(out, DCM_BitsStored, binary ? "1" : "8");
    put(out, DCM_HighBit, binary ? "0" : "7");
    put(out, DCM_PixelRepresentation, "0");
    put(out, DCM_LossyImageCompression, "00"); /* of this image; that the source was lossy is said in the report */
    put(out, DCM_SegmentationType, binary ? "BINARY" : "FRACTIONAL");
    if (!binary) {
        put(out, DCM_SegmentationFractionalType, "OCCUPANCY");
        put(out, DCM_MaximumFractionalValue, std::to_string(maximum_fraction));
    }
    put(out, DCM_ContentLabel, "TENO");
    put(out, DCM_ContentDescription, "Tendon, tears and tendinosis");
    put(out, DCM_ContentCreatorName, "");
}

void put_references(DcmItem &out, const Series &source)
{
    DcmItem &series = add_item(out, DCM_ReferencedSeriesSequence);
    put(series, DCM_SeriesInstanceUID, source.series_uid);
    const char *previous = "";
    for (int k = 0; k < source.grid.nz; k++) { /* frames of one file follow each other or not: repeats are harmless */
        if (std::string(previous) == source.slices[k].sop_instance_uid) continue;
        previous = source.slices[k].sop_instance_uid;
        put_sop_reference(add_item(series, DCM_ReferencedInstanceSequence), source.slices[k].sop_class_uid, previous);
    }
}

void put_dimensions(DcmItem &out, const ArchiveObject &object)
{
    char uid[UID_SIZE];
    uid_derive(uid, "%s dimension organization", object.sop_instance_uid);
    put(add_item(out, DCM_DimensionOrganizationSequence), DCM_DimensionOrganizationUID, uid);
    const struct {
        DcmTagKey pointer, group;
        const char *label;
    } dimensions[] = {{DCM_ReferencedSegmentNumber, DCM_SegmentIdentificationSequence, "Segment"},
                      {DCM_ImagePositionPatient, DCM_PlanePositionSequence, "Slice"}};
    for (const auto &dimension : dimensions) {
        DcmItem &item = add_item(out, DCM_DimensionIndexSequence);
        put(item, DCM_DimensionOrganizationUID, uid);
        bridge_check(item.putAndInsertTagKey(DCM_DimensionIndexPointer, dimension.pointer), DCM_DimensionIndexPointer);
        bridge_check(item.putAndInsertTagKey(DCM_FunctionalGroupPointer, dimension.group), DCM_FunctionalGroupPointer);
        put(item, DCM_DimensionDescriptionLabel, dimension.label);
    }
}

void put_shared_groups(DcmItem &out, const Series &source)
{
    const Grid &grid = source.grid;
    const Vec3 x = grid.axis_x, y = grid.axis_y;
    DcmItem &shared = add_item(out, DCM_SharedFunctionalGroupsSequence);
    put(add_item(shared, DCM_PlaneOrientationSequence), DCM_ImageOrientationPatient,
        decimal_strings({x.x, x.y, x.z, y.x, y.y, y.z}));
    DcmItem &measures = add_item(shared, DCM_PixelMeasuresSequence);
    put(measures, DCM_PixelSpacing, decimal_strings({grid.dy, grid.dx})); /* row spacing first */
    bool thickness_known = source.slice_thickness_mm > 0;
    put(measures, DCM_SliceThickness, decimal_string(thickness_known ? source.slice_thickness_mm : grid.dz));
    put(measures, DCM_SpacingBetweenSlices, decimal_string(grid.dz));
}

void put_derivation(DcmItem &groups, const Slice &slice)
{
    DcmItem &derivation = add_item(groups, DCM_DerivationImageSequence);
    add_code(derivation, DCM_DerivationCodeSequence, {"113076", "DCM", "Segmentation"});
    DcmItem &image = add_item(derivation, DCM_SourceImageSequence);
    put_sop_reference(image, slice.sop_class_uid, slice.sop_instance_uid);
    if (std::string(slice.sop_class_uid) != mr_image_storage) /* that one has a single frame */
        put(image, DCM_ReferencedFrameNumber, std::to_string(slice.frame + 1));
    add_code(image, DCM_PurposeOfReferenceCodeSequence,
             {"121322", "DCM", "Source image for image processing operation"});
    put(image, DCM_SpatialLocationsPreserved, "YES");
}

void put_frame(DcmItem &out, const Frame &frame, const Series &source)
{
    DcmItem &groups = add_item(out, DCM_PerFrameFunctionalGroupsSequence);
    put_derivation(groups, source.slices[frame.slice]);
    Uint32 indices[2] = {(Uint32)frame.segment + 1, (Uint32)frame.slice + 1};
    bridge_check(
        add_item(groups, DCM_FrameContentSequence).putAndInsertUint32Array(DCM_DimensionIndexValues, indices, 2),
        DCM_DimensionIndexValues);
    Vec3 p = grid_to_lps(&source.grid, vec3(0, 0, frame.slice));
    put(add_item(groups, DCM_PlanePositionSequence), DCM_ImagePositionPatient, decimal_strings({p.x, p.y, p.z}));
    put(add_item(groups, DCM_SegmentIdentificationSequence), DCM_ReferencedSegmentNumber,
        std::to_string(frame.segment + 1));
}

} // namespace

int archive_write_seg(const char *path, const ArchiveObject *object, const Series *source,
                      const ArchiveSegment *segments, int n_segments, bool binary, Error *error)
{
    return bridge_guard(path, error, [&] {
        if (n_segments < 1) throw BridgeFailure("a segmentation needs at least one segment");
        std::vector<Frame> frames;
        std::vector<unsigned char> pixels = draw_frames(frames, *source, segments, n_segments, binary);
        if (binary) pixels = pack_bits(pixels);
        if (pixels.size() % 2) pixels.push_back(0);

        DcmFileFormat file;
        DcmDataset &out = *file.getDataset();
        begin_object(out, *object, UID_SegmentationStorage, "SEG");
        put(out, DCM_FrameOfReferenceUID, source->frame_of_reference_uid);
        put(out, DCM_PositionReferenceIndicator, "");
        put_image_pixel(out, *source, binary);
        put_coding_scheme(out);
        for (int s = 0; s < n_segments; s++) put_segment(out, segments[s], s + 1);
        put_references(out, *source);
        put_dimensions(out, *object);
        put(out, DCM_NumberOfFrames, std::to_string(frames.size()));
        put_shared_groups(out, *source);
        for (const Frame &frame : frames) put_frame(out, frame, *source);
        put_bytes(out, DCM_PixelData, EVR_OB, pixels.data(), pixels.size());
        save_object(file, path);
    });
}
