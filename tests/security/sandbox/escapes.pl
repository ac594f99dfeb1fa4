# Attempts to leave a sandbox. Each prints its name and whether it got out; the destructive ones stop at a first step that
# harms nothing. What the host has that must not be reached is named by the environment variables BAIT_….
use strict;
use warnings;
use Fcntl;
use POSIX ();
use Socket;

my $arm = (POSIX::uname())[4] =~ /aarch64/ ? 1 : 0;
my %NUMBER = (
  mount => [165, 40], umount2 => [166, 39], unshare => [272, 97], setns => [308, 268], clone => [56, 220],
  ptrace => [101, 117], bpf => [321, 280], keyctl => [250, 219], userfaultfd => [323, 282], kexec_load => [246, 104],
  io_uring_setup => [425, 425], perf_event_open => [298, 241], chroot => [161, 51], syslog => [103, 116],
  open_tree => [428, 428], fsopen => [430, 430], process_vm_readv => [310, 270], add_key => [248, 217],
  name_to_handle_at => [303, 264], pivot_root => [155, 41], finit_module => [313, 273], clone3 => [435, 435],
);

# Perl passes numbers as numbers only when they are used so.
sub call { my ($name, @args) = @_; $! = 0; return syscall($NUMBER{$name}[$arm], @args) }
sub bait { return $ENV{"BAIT_$_[0]"} // '' }
sub readable { open(my $file, '<', $_[0]) or return 0; my $got = read($file, my $bytes, 1); return ($got // 0) > 0 }
sub writable { return sysopen(my $file, $_[0], O_WRONLY) }
sub contains { my ($path, $text) = @_; open(my $file, '<', $path) or return 0; local $/; my $all = <$file> // ''; return index($all, $text) >= 0 }
sub makes { my ($path, $mode, $number) = @_; return 0 == ($arm ? syscall(33, -100, $path, $mode, $number) : syscall(133, $path, $mode, $number)) }
sub opens_device { my ($major, $minor) = @_; my $path = "/tmp/agon-device-$$"; my $got = makes($path, 0060600, $major * 256 + $minor) && readable($path); unlink($path); return $got }
sub status { my ($name) = @_; open(my $file, '<', '/proc/self/status') or return ''; while (<$file>) { return $1 if /^\Q$name\E:\s*(\S+)/ } return '' }
sub reaches { my ($address, $port, $type) = @_; socket(my $s, AF_INET, $type, 0) or return 0; return connect($s, sockaddr_in($port, inet_aton($address))) }
sub processes { opendir(my $proc, '/proc') or return (); return grep { /^\d+$/ } readdir($proc) }
# A call that the kernel took up: it may have failed for its arguments, but not because it is refused or unknown.
sub taken_up { my ($result) = @_; return 0 if !defined $result; return 1 if $result >= 0; return !($!{EPERM} || $!{ENOSYS} || $!{EACCES}) }

my @ATTEMPTS = (
  # read
  ['read /etc/shadow' => sub { readable('/etc/shadow') }],
  ['read the host home' => sub { readable(bait('HOME')) }],
  ['read the data folder' => sub { readable(bait('DATA')) }],
  ['read another workspace' => sub { readable(bait('WORKSPACE')) }],
  ['read keys in the environment of a process' => sub { my $key = bait('KEY'); grep { $key ne '' && contains("/proc/$_/environ", $key) && $_ != $$ } processes() }],
  ['read the host through /proc/PID/root' => sub { my $home = bait('HOME'); grep { readable("/proc/$_/root$home") } processes() }],
  ['read the host through /proc/PID/cwd' => sub { my $home = bait('HOME'); grep { readable("/proc/$_/cwd$home") } processes() }],
  ['read the firmware' => sub { opendir(my $dir, '/sys/firmware') or return 0; grep { !/^\./ } readdir($dir) }],
  ['read the kernel log' => sub { my $text = ' ' x 256; call('syslog', 3, $text, 256) >= 0 }],
  ['find a descriptor that was left open' => sub {
    opendir(my $dir, '/proc/self/fd') or return 0;
    my @open = grep { /^\d+$/ && $_ > 2 } readdir($dir);
    return grep { my $to = readlink("/proc/self/fd/$_") // ''; $to ne '' && $to !~ m{^/proc/\d+/fd$} } @open;
  }],
  # write
  ['write core_pattern' => sub { writable('/proc/sys/kernel/core_pattern') }],
  ['write sysrq-trigger' => sub { writable('/proc/sysrq-trigger') }],
  ['write a cgroup release_agent' => sub { grep { writable($_) } glob('/sys/fs/cgroup/*/release_agent /sys/fs/cgroup/release_agent') }],
  ['write to a control group' => sub { grep { writable($_) } glob('/sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/cgroup.procs') }],
  ['write below /usr' => sub { my $path = "/usr/agon-escape-$$"; sysopen(my $file, $path, O_WRONLY | O_CREAT) && unlink($path) }],
  ['write below /etc' => sub { my $path = "/etc/agon-escape-$$"; sysopen(my $file, $path, O_WRONLY | O_CREAT) && unlink($path) }],
  ['write to the host /tmp' => sub { writable(bait('TMP')) }],
  ['open a block device' => sub {
    open(my $list, '<', '/proc/partitions') or return 0;
    my @devices = map { /^\s*(\d+)\s+(\d+)\s+\d+\s+(\S+)/ ? [$1, $2, $3] : () } <$list>;
    return grep { opens_device($_->[0], $_->[1]) || readable("/dev/$_->[2]") } @devices;
  }],
  ['make a device' => sub {
    my $path = "/tmp/agon-device-$$";
    my $opened = makes($path, 0020600, 0x103) && writable($path);
    unlink($path);
    return $opened;
  }],
  ['mount' => sub {
    my $place = "/tmp/agon-mount-$$"; mkdir($place); my ($type, $none) = ('tmpfs', '');
    my $done = call('mount', $type, $place, $type, 0, $none) == 0;
    call('umount2', $place, 2) if $done;
    rmdir($place);
    return $done;
  }],
  ['take a copy of the mounts' => sub { my $root = '/'; call('open_tree', -100, $root, 1) >= 0 }],
  ['open a file system' => sub { my $type = 'tmpfs'; call('fsopen', $type, 0) >= 0 }],
  ['change the root' => sub {
    my $pid = fork(); if (!$pid) { my $root = '/'; POSIX::_exit(call('chroot', $root) == 0 ? 7 : 0) } waitpid($pid, 0); return ($? >> 8) == 7;
  }],
  # network
  ['connect to a service of the host' => sub { reaches('127.0.0.1', bait('PORT'), SOCK_STREAM) }],
  ['have a way to the metadata address' => sub { reaches('169.254.169.254', 80, SOCK_DGRAM) }],
  ['have a way to name servers' => sub { reaches('9.9.9.9', 53, SOCK_DGRAM) }],
  ['open a raw socket' => sub { socket(my $s, AF_INET, SOCK_RAW, 1) }],
  ['open a packet socket' => sub { socket(my $s, 17, SOCK_RAW, 0) }],
  ['open a socket to the hypervisor' => sub { socket(my $s, 40, SOCK_STREAM, 0) }],
  ['connect to an abstract socket of the host' => sub { socket(my $s, AF_UNIX, SOCK_STREAM, 0) or return 0; connect($s, sockaddr_un("\0" . bait('ABSTRACT'))) }],
  # processes
  ['signal a process of the host' => sub { bait('PID') ne '' && kill(0, bait('PID')) }],
  ['trace a process' => sub {
    my $pid = fork(); if (!$pid) { sleep(5); POSIX::_exit(0) }
    my $done = call('ptrace', 16, $pid + 0, 0, 0) == 0;
    kill('KILL', $pid); waitpid($pid, 0);
    return $done;
  }],
  ['read the memory of a process' => sub { taken_up(call('process_vm_readv', getppid() + 0, 0, 0, 0, 0, 0)) }],
  ['gain by a setuid program' => sub { status('NoNewPrivs') ne '1' }],
  ['have a capability' => sub { status('CapEff') !~ /^0+$/ || status('CapBnd') !~ /^0+$/ && status('NoNewPrivs') ne '1' }],
  ['be root on the host' => sub { (stat('/usr'))[4] == $< }],
  ['make a user namespace' => sub {
    my $pid = fork(); if (!$pid) { POSIX::_exit(call('unshare', 0x10000000) == 0 ? 7 : 0) } waitpid($pid, 0); return ($? >> 8) == 7;
  }],
  ['make a user namespace by clone' => sub {
    my $pid = call('clone', 0x10000000 | 17, 0, 0, 0, 0);
    POSIX::_exit(0) if defined $pid && $pid == 0;
    waitpid($pid, 0) if $pid > 0;
    return $pid > 0;
  }],
  ['enter another namespace' => sub { open(my $ns, '<', '/proc/1/ns/net') or return 0; call('setns', fileno($ns), 0) == 0 }],
  ['use io_uring' => sub { my $params = "\0" x 120; call('io_uring_setup', 4, $params) >= 0 }],
  ['use bpf' => sub { my $attr = pack('L4', 2, 4, 4, 1) . "\0" x 112; call('bpf', 0, $attr, 128) >= 0 }],
  ['use the key ring' => sub { call('keyctl', 0, -3, 1) >= 0 }],
  ['add a key' => sub { my ($type, $name, $value) = ('user', 'agon', 'x'); call('add_key', $type, $name, $value, 1, -1) >= 0 }],
  ['use userfaultfd' => sub { call('userfaultfd', 0) >= 0 }],
  ['use performance events' => sub { taken_up(call('perf_event_open', 0, 0, -1, -1, 0)) }],
  ['load another kernel' => sub { taken_up(call('kexec_load', 0, 99, 0, 0)) }],
  ['load a module' => sub { my $none = ''; taken_up(call('finit_module', -1, $none, 0)) }],
  ['get a handle past the mounts' => sub { my ($path, $handle, $id) = ('/', pack('L2', 0, 0) . "\0" x 128, "\0" x 8); taken_up(call('name_to_handle_at', -100, $path, $handle, $id, 0)) }],
);

for my $attempt (@ATTEMPTS) {
  my ($name, $try) = @$attempt;
  my $out = eval { $try->() ? 'escaped' : 'held' } // "broken: $@";
  print "$out\t$name\n";
}
