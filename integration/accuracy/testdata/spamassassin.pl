# SPDX-License-Identifier: Apache-2.0
# Reads commands on standard input and answers each with one line on standard output. It runs Debian's SpamAssassin as it is shipped, with no network.
#   check N, N octets           -> score
#   learn spam|ham N, N octets  -> ok
# Arguments: a folder for what is learned; bayes or rules.
use strict;
use warnings;
use Mail::SpamAssassin;

my ($dir, $mode) = @ARGV;
my $bayes = $mode eq 'bayes' ? 1 : 0;
binmode STDIN;
$| = 1;
my $sa = Mail::SpamAssassin->new({
  local_tests_only => 1, dont_copy_prefs => 1, userprefs_filename => "$dir/none", userstate_dir => $dir, home_dir_for_helpers => $dir,
  post_config_text => "use_bayes $bayes\nuse_bayes_rules $bayes\nbayes_auto_learn 0\nbayes_path $dir/bayes\nlock_method flock\n",
});
$sa->compile_now(0);
while (my $line = <STDIN>) {
  my @f = split ' ', $line;
  my ($text, $left) = ('', $f[-1]);
  while ($left > 0) {
    my $n = read(STDIN, $text, $left, length $text);
    die "a message is cut off\n" unless $n;
    $left -= $n;
  }
  my $mail = $sa->parse($text, 1);
  if ($f[0] eq 'learn') {
    my $done = $sa->learn($mail, undef, $f[1] eq 'spam' ? 1 : 0, 0);
    $done->finish();
    print "ok\n";
  } else {
    my $status = $sa->check($mail);
    printf "%.4f\n", $status->get_score();
    $status->finish();
  }
  $mail->finish();
}
$sa->finish();
