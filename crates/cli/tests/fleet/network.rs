//! The network between a worker and its coordinator goes away, without a word to either.
//!
//! The worker runs in a network namespace of its own, behind a switch in a second one. When the switch
//! is turned off, both sides keep their interfaces and routes, and packets just vanish. A second cable
//! goes straight to the endpoint, which stays within reach. A namespace lives as long as the process
//! that holds it, so nothing is left behind.

use std::io::Read;
use std::net::Ipv4Addr;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use iago_sweep::AttemptCause;

use crate::fleet::stored::jobs;
use crate::fleet::{Fleet, Setup, until};
use crate::world::iago;

/// How long the network is away: more than a broken stream is waited for, less than silence is.
const CUT: Duration = Duration::from_secs(30);

const WHAT_IS_NEEDED: &str = "this test makes network namespaces: run it as root, or allow user \
namespaces (sysctl kernel.unprivileged_userns_clone=1, and no AppArmor restriction of them); it needs \
`ip` (iproute2), `unshare` and `nsenter` (util-linux)";

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_of_30_s_between_worker_and_coordinator_costs_no_call() {
    if !may_make_namespaces() {
        return again_with_a_namespace(
            "network::a_cut_of_30_s_between_worker_and_coordinator_costs_no_call",
        );
    }
    let lab = Lab::new();
    let hosts = vec![lab.coordinator];
    let setup = Setup { hosts, endpoint: lab.endpoint, reconnect_grace_s: 10, ..Setup::default() };
    let mut fleet = Fleet::at_work(setup, &["near"]).await;
    fleet.start_worker_with("far", lab.far_away());
    let all = jobs(fleet.setup.prompts) as u64;
    fleet.until_said("far", "connected").await;
    fleet.until_calls(all / 3).await;
    lab.switch("down");
    let (cut, calls) = (fleet.elapsed(), fleet.calls());
    assert!(calls < all * 2 / 3, "it was to be cut off in the middle");
    until("the cut to last", 2 * CUT, || fleet.elapsed() - cut > CUT).await;
    let status = fleet.status().expect("the coordinator is near");
    assert_eq!(status["state"], "running", "what is far away is still waited for");
    assert!(fleet.calls() > calls + fleet.out_max(2), "the other one works on: {status}");
    lab.switch("up");
    fleet.until_state("done").await;
    let stored = fleet.assert_truth_at_the_price_of_one().await;
    assert_eq!(stored.count(AttemptCause::Abandoned), 0, "nobody was lost");
    fleet.assert_said("far", "no coordinator: calls go on, and their results are kept");
    assert_eq!(fleet.times_said("c1", "worker connected worker=\"far\""), 2, "it came back");
}

/// Namespaces and cables.
struct Lab {
    switch: Holder,
    far: Holder,
    coordinator: Ipv4Addr,
    endpoint: Ipv4Addr,
}

impl Lab {
    /// Addresses are of the range set aside for such tests (RFC 2544), by process.
    fn new() -> Self {
        let [.., low] = std::process::id().to_be_bytes();
        let [coordinator, far] = [1, 2].map(|end| Ipv4Addr::new(198, 18, low, end));
        let [endpoint, far_too] = [1, 2].map(|end| Ipv4Addr::new(198, 19, low, end));
        let (switch, away) = (Holder::new(), Holder::new());
        let [to_switch, to_far] = ["s", "f"].map(|end| format!("iago{end}{}", std::process::id()));
        cable(&to_switch, "near", &switch);
        run(switch.command("ip"), "link add bridge type bridge");
        cable_between(&switch, "far", &away, "eth0");
        for port in ["near", "far"] {
            run(switch.command("ip"), &format!("link set {port} master bridge up"));
        }
        run(switch.command("ip"), "link set bridge up");
        give(|| Command::new("ip"), &to_switch, coordinator);
        give(|| away.command("ip"), "eth0", far);
        cable(&to_far, "eth1", &away);
        give(|| Command::new("ip"), &to_far, endpoint);
        give(|| away.command("ip"), "eth1", far_too);
        run(away.command("ip"), "link set lo up");
        Self { switch, far: away, coordinator, endpoint }
    }

    /// The program, to be run far away.
    fn far_away(&self) -> Command {
        let mut command = self.far.command(iago().get_program().to_str().expect("a path"));
        command.env("COLUMNS", "110");
        command
    }

    fn switch(&self, state: &str) {
        run(self.switch.command("ip"), &format!("link set bridge {state}"));
    }
}

/// A cable from here to a namespace.
fn cable(here: &str, there: &str, holder: &Holder) {
    let pid = holder.0.id();
    run(Command::new("ip"), &format!("link add {here} type veth peer name {there} netns {pid}"));
}

fn cable_between(one: &Holder, end: &str, other: &Holder, other_end: &str) {
    let pid = other.0.id();
    let cable = format!("link add {end} type veth peer name {other_end} netns {pid}");
    run(one.command("ip"), &cable);
}

/// Gives an interface its address, and turns it on.
fn give(ip: impl Fn() -> Command, interface: &str, address: Ipv4Addr) {
    run(ip(), &format!("address add {address}/24 dev {interface}"));
    run(ip(), &format!("link set {interface} up"));
}

fn run(mut command: Command, arguments: &str) {
    let done = command.args(arguments.split(' ')).output().expect(WHAT_IS_NEEDED);
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "ip {arguments}: {said}; {WHAT_IS_NEEDED}");
}

/// A process that does nothing but hold a network namespace, until its stdin is closed.
struct Holder(Child);

impl Holder {
    fn new() -> Self {
        let mut command = Command::new("unshare");
        command.args(["--net", "sh", "-c", "echo; exec cat"]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect(WHAT_IS_NEEDED);
        let there = child.stdout.as_mut().expect("it is piped").read_exact(&mut [0]);
        assert!(there.is_ok(), "no namespace was made; {WHAT_IS_NEEDED}");
        Self(child)
    }

    /// A command that runs in the namespace.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--net", "--target", &self.0.id().to_string(), "--", program]);
        command
    }
}

impl Drop for Holder {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// The kernel's numbers of the rights to set up a network, and to make a namespace.
const RIGHTS: [u32; 2] = [12, 21];

fn may_make_namespaces() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let rights = status.lines().find_map(|line| line.strip_prefix("CapEff:"));
    let rights = u64::from_str_radix(rights.expect("it is there").trim(), 16).expect("it is hex");
    RIGHTS.iter().all(|right| rights >> right & 1 == 1)
}

/// Runs this one test once more, in a user namespace that has those rights over itself.
fn again_with_a_namespace(test: &str) {
    let own = std::env::current_exe().expect("this program");
    let rights = ["--user", "--map-current-user", "--keep-caps", "--net", "sh", "-c"];
    let mut command = Command::new("unshare");
    command.args(rights).arg("ip link set lo up && exec \"$0\" --exact --nocapture \"$1\"");
    let Output { status, stdout, stderr } =
        command.arg(own).arg(test).output().expect(WHAT_IS_NEEDED);
    let said = [stdout, stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    assert!(status.success(), "{said}\n{WHAT_IS_NEEDED}");
}
