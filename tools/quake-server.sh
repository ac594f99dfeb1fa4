#!/bin/sh
# A dedicated server in a container of its own, commanded by RCON. It tells no master of itself.
set -eu
home=/tmp/quake
mkdir -p "$home/baseoa"
cat > "$home/baseoa/agon.cfg" <<END
set rconpassword "${QUAKE_RCON_PASSWORD:?}"
set g_password "${QUAKE_PASSWORD:-$QUAKE_RCON_PASSWORD}"
set sv_hostname "Agon"
set sv_master1 ""
set sv_master2 ""
set sv_pure 0
set sv_maxclients 8
set sv_floodProtect 0
set sv_allowDownload 0
set g_gametype 0
set g_needpass 1
set g_allowVote 0
set g_log "games.log"
set timelimit 2
set fraglimit 0
END
exec /usr/lib/ioquake3/ioq3ded \
  +set com_basegame baseoa +set fs_basepath /usr/lib/openarena-server +set fs_homepath "$home" \
  +set com_protocol 71 +set com_legacyprotocol 0 +set com_hunkmegs 128 +set cl_motd 0 +set ttycon 0 \
  +set dedicated 1 +set net_enabled 1 +set net_port 27960 +exec agon.cfg +map "${QUAKE_MAP:-aggressor}"
