/* Routine ankle protocols. Parameters: clinical.md §5.1 (TechnicalMSK parameter reference), names as hospitals give them. */
#include <stddef.h>
#include <string.h>

#include "phantom/spec.h"

/* name, plane, {TR, TE, TI, flip, gradient echo, fat suppressed}, FOV, thickness, gap, acquired resolution, matrix, slices,
 * SNR in muscle at 3 T, descriptions */
static const Protocol protocols[] = {
    {"ax_pd", "axial", {2500, 30, 0, 90, false, false}, 145, 3, 0.3, 0.50, 384, 32, 26, {"pd_tse_tra", "Ax PD FSE", "PDW_TSE_TRA"}},
    {"ax_t1", "axial", {600, 14, 0, 90, false, false}, 145, 3, 0.3, 0.52, 384, 32, 24, {"t1_tse_tra", "Ax T1", "T1W_TSE_TRA"}},
    {"ax_pd_fs", "axial", {2800, 30, 0, 90, false, true}, 145, 3, 0.3, 0.54, 320, 32, 20, {"pd_tse_fs_tra", "Ax PD FS", "PDW_SPAIR_TRA"}},
    {"ax_t2_fs", "axial", {4000, 55, 0, 90, false, true}, 145, 3, 0.3, 0.55, 320, 32, 18, {"t2_tse_fs_tra", "Ax T2 FatSat", "T2W_SPIR_TRA"}},
    {"ax_t2", "axial", {4000, 80, 0, 90, false, false}, 145, 3, 0.3, 0.52, 320, 32, 18, {"t2_tse_tra", "Ax T2 FSE", "T2W_TSE_TRA"}},
    {"sag_t1", "sagittal", {600, 18, 0, 90, false, false}, 155, 3, 0.3, 0.53, 448, 24, 26, {"t1_tse_sag", "Sag T1", "T1W_TSE_SAG"}},
    {"sag_stir", "sagittal", {4000, 25, 150, 90, false, true}, 158, 3, 0.3, 0.63, 320, 24, 18, {"tirm_sag", "Sag STIR", "STIR_TSE_SAG"}},
    {"sag_pd_fs", "sagittal", {3000, 35, 0, 90, false, true}, 155, 3, 0.3, 0.56, 352, 24, 20, {"pd_tse_fs_sag", "Sag PD FS", "PDW_SPAIR_SAG"}},
    {"sag_t2_fs", "sagittal", {4200, 65, 0, 90, false, true}, 155, 3, 0.3, 0.58, 352, 24, 18, {"t2_tse_fs_sag", "Sag T2 FS", "T2W_SPAIR_SAG"}},
    {"cor_pd_fs", "coronal", {2800, 30, 0, 90, false, true}, 140, 3, 0.3, 0.52, 320, 26, 20, {"pd_tse_fs_cor", "Cor PD FS", "PDW_SPAIR_COR"}},
    {"3d_pd", "3d", {1200, 28, 0, 90, false, false}, 154, 0.7, 0, 0.7, 220, 150, 16, {"pd_space_iso", "Sag CUBE PD", "3D_PDW_VISTA"}},
    {"3d_pd_fs", "3d", {1300, 38, 0, 90, false, true}, 154, 0.7, 0, 0.7, 220, 150, 15, {"pd_space_spair_iso", "Sag CUBE PD FS", "3D_PDW_VISTA_SPAIR"}},
    {"3d_t1_gre", "3d", {12, 3.2, 0, 18, true, false}, 154, 0.7, 0, 0.7, 220, 150, 18, {"t1_vibe_iso", "3D FSPGR", "3D_T1_FFE"}},
};

const Protocol *protocol_find(const char *name)
{
    for (size_t i = 0; i < sizeof protocols / sizeof *protocols; i++)
        if (strcmp(protocols[i].name, name) == 0) return &protocols[i];
    return NULL;
}
