// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {NorthToken} from "../NorthToken.sol";

/// The few of forge's cheat codes that these tests use.
interface Vm {
    function prank(address sender) external;
    function expectRevert(bytes calldata reason) external;
    function addr(uint256 key) external pure returns (address);
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function warp(uint256 timestamp) external;
    function assume(bool condition) external pure;
}

abstract contract WithToken {
    Vm internal constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    /// 10^11 tokens of 10^18 units, written out.
    uint256 internal constant ALL = 100000000000000000000000000000;
    address internal constant DISTRIBUTOR = address(0xD157);
    NorthToken internal token;

    function setUp() public virtual {
        token = new NorthToken(DISTRIBUTOR);
    }
}

contract NorthTokenTest is WithToken {
    bytes32 private constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 private constant DOMAIN =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    uint256 private constant KEY = 0xA11CE;

    function testIsNorthstarWithEighteenDecimals() public view {
        require(keccak256(bytes(token.name())) == keccak256("Northstar"), "name");
        require(keccak256(bytes(token.symbol())) == keccak256("NORTH"), "symbol");
        require(token.decimals() == 18, "decimals");
    }

    function testTheDistributorHoldsTheWholeSupply() public view {
        require(token.totalSupply() == ALL, "supply");
        require(token.balanceOf(DISTRIBUTOR) == ALL, "distributor");
    }

    function testNobodyIsNoDistributor() public {
        VM.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        new NorthToken(address(0));
    }

    function testDomainIsThatOfEip712() public view {
        require(token.DOMAIN_SEPARATOR() == domain(), "domain");
    }

    function testFuzzTransferMovesExactlyTheAmount(address to, uint256 amount) public {
        VM.assume(to != address(0) && to != DISTRIBUTOR);
        amount = amount % (ALL + 1);
        VM.prank(DISTRIBUTOR);
        require(token.transfer(to, amount), "refused");
        require(token.balanceOf(to) == amount, "receiver");
        require(token.balanceOf(DISTRIBUTOR) == ALL - amount, "sender");
        require(token.totalSupply() == ALL, "supply");
    }

    function testFuzzMoreThanTheBalanceIsRefused(uint256 excess) public {
        uint256 amount = ALL + 1 + excess % (type(uint256).max - ALL - 1);
        VM.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, DISTRIBUTOR, ALL, amount)
        );
        VM.prank(DISTRIBUTOR);
        token.transfer(address(1), amount);
    }

    function testFuzzAllowanceIsSpentOnce(address spender, uint256 allowed, uint256 spent) public {
        VM.assume(spender != address(0) && spender != DISTRIBUTOR);
        allowed = allowed % (ALL + 1);
        spent = spent % (allowed + 1);
        VM.prank(DISTRIBUTOR);
        token.approve(spender, allowed);
        VM.prank(spender);
        token.transferFrom(DISTRIBUTOR, address(2), spent);
        require(token.allowance(DISTRIBUTOR, spender) == allowed - spent, "allowance");
        VM.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector, spender, allowed - spent, allowed - spent + 1
            )
        );
        VM.prank(spender);
        token.transferFrom(DISTRIBUTOR, address(2), allowed - spent + 1);
    }

    function testFuzzPermitAllowsOnceAndIsNoReplay(address spender, uint256 value) public {
        VM.assume(spender != address(0));
        address owner = VM.addr(KEY);
        (uint8 v, bytes32 r, bytes32 s) = signed(spender, value, 0, block.timestamp);
        token.permit(owner, spender, value, block.timestamp, v, r, s);
        require(token.allowance(owner, spender) == value, "allowance");
        require(token.nonces(owner) == 1, "nonce");
        (bool replayed,) =
            address(token).call(abi.encodeCall(token.permit, (owner, spender, value, block.timestamp, v, r, s)));
        require(!replayed, "a permit counted twice");
    }

    function testFuzzPermitOfAnotherKeyIsRefused(uint256 key) public {
        key = key % (type(uint128).max) + 1;
        VM.assume(key != KEY);
        (uint8 v, bytes32 r, bytes32 s) = VM.sign(key, digest(address(3), 1, 0, block.timestamp));
        VM.expectRevert(
            abi.encodeWithSelector(ERC20Permit.ERC2612InvalidSigner.selector, VM.addr(key), VM.addr(KEY))
        );
        token.permit(VM.addr(KEY), address(3), 1, block.timestamp, v, r, s);
    }

    function testPermitPastItsDeadlineIsRefused() public {
        VM.warp(1_000);
        (uint8 v, bytes32 r, bytes32 s) = signed(address(3), 1, 0, 999);
        VM.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, 999));
        token.permit(VM.addr(KEY), address(3), 1, 999, v, r, s);
    }

    function signed(address spender, uint256 value, uint256 nonce, uint256 deadline)
        private
        view
        returns (uint8, bytes32, bytes32)
    {
        return VM.sign(KEY, digest(spender, value, nonce, deadline));
    }

    function digest(address spender, uint256 value, uint256 nonce, uint256 deadline) private view returns (bytes32) {
        bytes32 permit = keccak256(abi.encode(PERMIT, VM.addr(KEY), spender, value, nonce, deadline));
        return keccak256(abi.encodePacked(hex"1901", domain(), permit));
    }

    function domain() private view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN, keccak256("Northstar"), keccak256("1"), block.chainid, address(token)));
    }
}

/// Five holders who pass tokens about, approve and spend as chance has it; nothing they do is refused.
contract Holders {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));
    NorthToken private immutable TOKEN;
    address[5] private holders;

    constructor(NorthToken token, address distributor) {
        TOKEN = token;
        holders = [distributor, address(11), address(12), address(13), address(14)];
    }

    function transfer(uint256 from, uint256 to, uint256 amount) public {
        address sender = holders[from % 5];
        amount = amount % (TOKEN.balanceOf(sender) + 1);
        VM.prank(sender);
        TOKEN.transfer(holders[to % 5], amount);
    }

    function approve(uint256 owner, uint256 spender, uint256 amount) public {
        VM.prank(holders[owner % 5]);
        TOKEN.approve(holders[spender % 5], amount);
    }

    function spend(uint256 spender, uint256 from, uint256 to, uint256 amount) public {
        (address caller, address owner) = (holders[spender % 5], holders[from % 5]);
        uint256 allowed = TOKEN.allowance(owner, caller);
        uint256 held = TOKEN.balanceOf(owner);
        amount = amount % ((allowed < held ? allowed : held) + 1);
        VM.prank(caller);
        TOKEN.transferFrom(owner, holders[to % 5], amount);
    }

    function heldByAll() public view returns (uint256 sum) {
        for (uint256 i = 0; i < 5; i++) sum += TOKEN.balanceOf(holders[i]);
    }
}

contract NorthTokenInvariants is WithToken {
    Holders private holders;

    function setUp() public override {
        super.setUp();
        holders = new Holders(token, DISTRIBUTOR);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(holders);
    }

    function invariantTheSupplyNeverChanges() public view {
        require(token.totalSupply() == ALL, "supply");
    }

    function invariantWhatIsHeldIsTheSupply() public view {
        require(holders.heldByAll() == ALL, "a token was made or lost");
    }
}
